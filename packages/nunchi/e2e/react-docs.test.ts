import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { key } from './fixtures/site.ts'
import { eventually, openWorld } from './fixtures/world.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the smallest program of docs/guide/react.md', () => {
  const world = openWorld()

  it('runs as it stands there: the variant, the flag, an event and a conversion', async () => {
    const [{ code } = { code: '' }] = examplesOf(read('docs/guide/react.md'), '', 'tsx')
    const { outputFiles } = await build({
      stdin: {
        contents: code.replace('nk_pub_…', key).replace('https://events.example.com', world.collector.url),
        loader: 'tsx',
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
    })
    world.collector.config.publish({
      version: 'v1',
      flags: { 'dark-mode': { type: 'boolean', value: true, revision: 1 } },
      experiments: {
        'checkout-button': {
          status: 'running',
          revision: 1,
          variants: [
            { key: 'plain', weight: 0, isControl: true },
            { key: 'bold', weight: 1_000_000 },
          ],
        },
      },
    })
    world.site.put('/app.js', {
      html: outputFiles[0]!.text,
      headers: { 'content-type': 'text/javascript' },
    })
    world.site.put(
      '/',
      '<!doctype html><title>Shop</title><div id="root"></div><script src="/app.js"></script>',
    )
    const page = await world.visitor.newPage()
    const said: string[] = []
    page.on('console', (line) => said.push(line.text()))
    await page.goto(world.site.url)
    await page.getByRole('button', { name: 'Get it now' }).click()
    expect(await page.locator('main.dark').count()).toBe(1)
    await eventually(() => world.collector.names().toSorted()).toEqual([
      '/',
      'Conversion Tracked',
      'Experiment Viewed',
      'Product Added',
    ])
    expect(said).toEqual([])
  })
})

it('docs/guide/nextjs.md shows the files of examples/next as they are, which its test runs', () => {
  const blocks = examplesOf(read('docs/guide/nextjs.md'), '', 'tsx nocheck').map(({ code }) => code)
  expect(blocks.slice(0, 4)).toEqual(
    ['proxy.ts', 'app/visit.ts', 'app/analytics.tsx', 'app/layout.tsx'].map((path) =>
      read(`examples/next/${path}`),
    ),
  )
})
