import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, Event } from '@nunchi/protocol'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { addKey } from '../../../edge/cli/src/keys.ts'
import {
  ownerGateway,
  publishChange,
  setExperiment,
  startExperiment,
} from '../../../edge/collector/src/manage.ts'
import { experiments } from '../src/plugins/experiments.ts'
import { recommendations } from '../src/plugins/recommendations.ts'
import { someAnswer } from '../src/test/some-recommendations.ts'
import { createTestClient } from '../src/testing.ts'
import { openStored, type Stored } from './fixtures/stored.ts'

const guide = readFileSync(
  join(import.meta.dirname, '../../../docs/guide/recommendations-in-the-page.md'),
  'utf8',
)
/** What the guide writes into a file. */
const fileOf = (name: string) =>
  JSON.parse(new RegExp(`cat > ${name} <<'JSON'\\n([\\s\\S]*?)\\nJSON`).exec(guide)![1]!)

let stored: Stored | undefined
beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())

/** A visit as the guide's program has it: everybody is asked, those with the shelf see it, and `buys` decides on the rest. */
async function visit(config: Config, buys: (variant: string) => boolean): Promise<Event[]> {
  const client = createTestClient({
    use: [
      experiments({ bootstrap: config, config: false, link: false }),
      recommendations({ bootstrap: someAnswer(), ask: false }),
    ],
  })
  const { variant } = client.experiment('for-you-shelf', 'none')
  if (variant === 'shelf') {
    const { items, recommendationId } = await client.recommendations.get({ type: 'products' })
    await client.recommendations.click(recommendationId, items[0]!.id, 0)
  }
  if (buys(variant)) await client.trackConversion('purchase', 39)
  await client.close()
  return client.events
}

describe('the lift of recommendations', () => {
  it('is what the results engine says of the guide’s experiment: the holdout against those with the shelf', async ({
    skip,
  }) => {
    if (!stored) return skip(inject('postgres').missing.join(' '))
    const { database, url } = stored
    const { projectId, key } = await stored.project()
    const gateway = ownerGateway(database.owner, { projectId, environment: 'production' }, 'test')
    await publishChange(gateway, setExperiment('for-you-shelf', fileOf('shelf.json')))
    await publishChange(gateway, startExperiment('for-you-shelf'))
    for (const [name, file] of [
      ['purchase', 'purchase.json'],
      ['shelf-clicks', 'shelf-clicks.json'],
    ] as const)
      await database.owner.call('set_metric', {
        projectId,
        key: name,
        definition: fileOf(file),
        actor: 'test',
      })
    const config = (await (await fetch(`${url}/v1/config?key=${key}`)).json()) as Config

    const seen: Record<string, number> = { none: 0, shelf: 0 }
    // One in ten buys without the shelf, one in four with it.
    const every: Record<string, number> = { none: 10, shelf: 4 }
    const events: Event[] = []
    for (let visitor = 0; visitor < 1400; visitor++)
      events.push(...(await visit(config, (variant) => ++seen[variant]! % every[variant]! === 0)))
    for (let from = 0; from < events.length; from += 500) {
      const batch = {
        id: randomUUID(),
        sentAt: Date.now(),
        context: {},
        events: events.slice(from, from + 500),
      }
      const answer = await fetch(`${url}/v1/events?key=${key}`, {
        method: 'POST',
        headers: {
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
        },
        body: JSON.stringify(batch),
      })
      expect(await answer.json()).toMatchObject({ accepted: batch.events.length, rejected: [] })
    }
    for (let rows = 1; rows; ) ({ rows } = await database.app.call<{ rows: number }>('process', {}))

    const server = await addKey(database.owner, {
      projectId,
      environment: 'production',
      kind: 'srv',
      scopes: ['results:read'],
    })
    const answer = await fetch(`${url}/v1/experiments/for-you-shelf/results`, {
      headers: { authorization: `Bearer ${server.key}` },
    })
    const results = (await answer.json()) as {
      metrics: { key: string; variants: { control: number; value: number; says: string }[] }[]
    }
    expect(results).toMatchObject({
      health: { sampleRatio: { broken: false }, multiple: 0 },
      verdicts: [
        { variant: 'shelf', verdict: 'ship', because: [{ code: 'goal-better', metric: 'purchase' }] },
      ],
    })
    const said = Object.fromEntries(results.metrics.map(({ key, variants }) => [key, variants[0]!]))
    expect(said['purchase']).toMatchObject({ says: 'better' })
    expect(said['purchase']!.control).toBeCloseTo(0.1, 1)
    expect(said['purchase']!.value).toBeCloseTo(0.25, 2)
    expect(said['shelf-clicks']).toMatchObject({ control: 0, says: 'better' })
    expect(said['shelf-clicks']!.value).toBeGreaterThan(0.99)
  }, 60_000)
})
