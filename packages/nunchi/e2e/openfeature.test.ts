import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Platform } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { shopConfig } from './fixtures/configs.ts'
import { key } from './fixtures/site.ts'
import { eventually, openWorld } from './fixtures/world.ts'

const root = join(import.meta.dirname, '../../..')
const room = join(root, 'packages/nunchi')
const path = 'docs/guide/openfeature.md'
const programs = examplesOf(readFileSync(join(root, path), 'utf8'), path).map(({ code }) => code)

/** A program of the guide, with its key and address made real, as a bundler would give it out. */
async function bundled(program: string, host: string, platform: Platform): Promise<string> {
  const contents = program.replace('nk_pub_…', key).replace('https://events.example.com', host)
  const { outputFiles } = await build({
    stdin: { contents, loader: 'ts', resolveDir: room },
    bundle: true,
    write: false,
    format: 'esm',
    platform,
    external: platform === 'node' ? ['@openfeature/*'] : [],
    alias: {
      'nunchi/openfeature-server': join(room, 'src/openfeature-server/index.ts'),
      'nunchi/openfeature': join(room, 'src/openfeature/index.ts'),
      'nunchi/server': join(room, 'src/server.ts'),
      nunchi: join(room, 'src/index.ts'),
    },
  })
  return outputFiles[0]!.text
}

const config = () => {
  const shop = shopConfig({ version: 'v1' })
  shop.flags['dark-mode'] = { type: 'boolean', value: true, revision: 1 }
  shop.flags['greeting'] = {
    type: 'string',
    value: 'hi',
    revision: 1,
    rules: [{ id: 'test', experiment: 'cards' }],
  }
  for (const variant of shop.experiments['cards']!.variants) variant.configuration = `hi from ${variant.key}`
  return shop
}

describe('the programs of the OpenFeature guide', () => {
  const world = openWorld()

  it('in a page: the flag shows, and the conversion reaches the collector', async () => {
    const { collector, site, visitor } = world
    collector.config.publish(config())
    const text = await bundled(programs[0]!, collector.url, 'browser')
    site.put(
      '/',
      `<!doctype html><html lang="en"><title>Shop</title><button id="buy">Buy</button><script type="module">${text.replaceAll('</script', '<\\/script')}</script></html>`,
    )
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForSelector('body.dark')
    await page.click('#buy')
    await eventually(() => collector.names().toSorted()).toEqual(['Conversion Tracked', 'purchase'])
    const [conversion] = collector.events().filter(({ name }) => name === 'Conversion Tracked')
    expect(conversion?.properties).toEqual({ metric: 'purchase', value: 39.5 })
  })

  it('on a server: the experiment decides, exposure and conversion reach the collector, and the process ends', async () => {
    const { collector } = world
    collector.config.publish(config())
    const text = await bundled(programs[1]!, collector.url, 'node')
    const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
      cwd: room,
      env: { ...process.env, NUNCHI_KEY: key },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect([said.trim(), code]).toEqual(['hi from grid', 0])
    expect(collector.events().map(({ name, anonymousId, userId }) => [name, anonymousId, userId])).toEqual([
      ['Experiment Viewed', 'visitor-1', 'user-42'],
      ['Conversion Tracked', 'visitor-1', 'user-42'],
    ])
  })
})
