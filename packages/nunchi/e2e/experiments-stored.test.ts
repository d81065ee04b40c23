import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publish } from '@nunchi/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { examplesOf } from '../../../scripts/guards/doc-examples.ts'
import { openStored, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld } from './fixtures/world.ts'

let stored: Stored | undefined
let project: Awaited<ReturnType<Stored['project']>>
let number = 0

beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())
beforeEach(async ({ skip }) => {
  if (!stored) return skip(inject('postgres').missing.join(' '))
  project = await stored.project()
  number = 0
})

/** Publishes what the guide's program asks for. */
async function put(dark: boolean, grid: number, revision: number) {
  const definition = {
    flags: { 'dark-mode': { type: 'boolean' as const, value: dark, revision: 1 } },
    experiments: {
      'card-layout': {
        name: 'Cards',
        hypothesis: 'More columns sell more.',
        status: 'running' as const,
        revision,
        variants: [
          { key: 'control', weight: 1_000_000 - grid, isControl: true },
          { key: 'grid', weight: grid },
        ],
      },
    },
  }
  const config = publish(definition)
  const { projectId } = project
  const { version } = config
  const said = { actor: 'test', reason: 'config.publish', subject: 'config', before: {}, after: {} }
  await stored!.database.owner.call('publish_config', {
    ...said,
    projectId,
    environment: 'production',
    base: number++,
    version,
    definition,
    config,
  })
  return version
}

/** The guide's first program, with its key and address made real. */
function program(): string {
  const path = 'docs/guide/experiments-in-the-page.md'
  const page = readFileSync(join(import.meta.dirname, '../../..', path), 'utf8')
  return examplesOf(page, path)[0]!
    .code.replace("from 'nunchi'", "from '/sdk.mjs'")
    .replace('nk_pub_…', project.key)
    .replace('https://events.example.com', stored!.url)
}

describe('the smallest program of the guide, on the real collector and Postgres', () => {
  const world = openWorld()

  it('shows the variant, hears of a change, and its exposure and conversion are stored once', async () => {
    const { site, visitor } = world
    const version = await put(false, 1_000_000, 1)
    site.put(
      '/',
      `<!doctype html><html lang="en"><title>Shop</title><button id="buy">Buy</button><script type="module">${program()}
window.nunchi = nunchi
nunchi.experiments.onChange(() => document.body.classList.toggle('dark', nunchi.flag('dark-mode', false)))</script></html>`,
    )
    const page = await visitor.newPage()
    await page.goto(site.url)
    await page.waitForSelector('body[data-cards="grid"]')
    await page.click('#buy')
    const unit = await page.evaluate(() => window.nunchi.anonymousId)
    await eventually(() => project.rows("name <> 'x'")).toMatchObject([
      {
        name: 'Experiment Viewed',
        anonymous_id: unit,
        properties: {
          experiment: 'card-layout',
          variant: 'grid',
          revision: 1,
          configVersion: version,
          attribute: 'anonymousId',
          unit,
        },
      },
      { name: 'Conversion Tracked', properties: { metric: 'purchase', value: 39.5, step: 'paid' } },
    ])
    // Told by the collector's own stream, within seconds.
    await put(true, 0, 2)
    await page.waitForSelector('body.dark', { timeout: 20_000 })
    expect(await page.evaluate(() => window.nunchi.experiment('card-layout').variant)).toBe('grid')
    await page.reload()
    await page.waitForSelector('body[data-cards="control"]')
    await eventually(async () =>
      (await project.rows("name = 'Experiment Viewed'")).map(({ properties }) => [
        properties.variant,
        properties.revision,
      ]),
    ).toEqual([
      ['grid', 1],
      ['control', 2],
    ])
  })
})
