/** Training anew comes to what the increments came to, in as many runs as it takes; on PGlite and on every Postgres. */
import { beforeAll, describe, expect, it } from 'vitest'
import { drain } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { addTeaShop, refreshAll, type TeaShop, teas, viewed } from '../../test/recommend-grounds.ts'
import { createLog } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { recommendationTraining } from './train.ts'

const quiet = createLog(() => {}, 'error')

/** Numbers that repeat: who looks at what. */
function numbers(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (state * 48271) % 2147483647
    return state % most
  }
}

describeGrounds('training', (ground, rows) => {
  let shop: TeaShop
  beforeAll(async () => {
    shop = await grown()
  }, 60_000)

  /** 30 visitors, a third of them in one network, who look at teas of their own taste. */
  async function grown(): Promise<TeaShop> {
    const shop = await addTeaShop(ground, teas(14))
    const next = numbers(11)
    for (let visitor = 0; visitor < 30; visitor++) {
      const ip = visitor % 3 ? `203.0.${visitor}.1` : `198.51.100.${visitor}`
      const taste = visitor % 2
      const seen = Array.from({ length: 2 + next(5) }, () => viewed(`v${visitor}`, `t${2 * next(7) + taste}`))
      await shop.send(seen, { context: { ip } })
    }
    await drain(ground)
    return shop
  }
  const place = ({ projectId }: TeaShop) => ({ projectId, environment: 'production' })
  const neighbors = (shop: TeaShop, source: string) =>
    rows(
      shop.projectId,
      `select item, neighbor, round(similarity::numeric, 3) as near, round(support::numeric, 2) as behind from nunchi.item_neighbors
        where project_id = $p and source = '${source}' order by item collate "C", neighbor collate "C"`,
    )

  it('comes to the neighbors that the increments came to, and to the same in many runs', async () => {
    await refreshAll(ground)
    const before = await neighbors(shop, 'cf')
    expect(before.length).toBeGreaterThan(40)
    await ground.query(`delete from nunchi.item_neighbors where project_id = '${shop.projectId}'`)
    const training = recommendationTraining(quiet, { place: place(shop) })
    const states: string[] = []
    for (let run = 0; run < 500 && states.at(-1) !== 'done'; run++)
      states.push((await training.run(ground.app, { budgetMs: 0 })).state)
    expect(states.length).toBeGreaterThan(4)
    expect(new Set(states.slice(0, -1))).toEqual(new Set(['paused']))
    expect(await neighbors(shop, 'cf')).toEqual(before)
  })

  it('fits EASE for a small catalog, and lists are made of it', async () => {
    const steps = new Set<string>()
    const training = recommendationTraining(quiet, { place: place(shop), everyMs: 0 })
    const ended = await training.run(ground.app, { onProgress: ({ step }) => steps.add(step) })
    expect(ended).toEqual({ state: 'done', trained: 1 })
    expect([...steps]).toEqual(['read', 'neighbors', 'ease', 'finish'])
    const models = await rows(
      shop.projectId,
      'select source from nunchi.recommendation_models where project_id = $p order by 1',
    )
    expect(models).toEqual(['cf', 'ease'])
    const weights = (await neighbors(shop, 'ease')).map((row) => row.split(' '))
    expect(weights.length).toBeGreaterThan(10)
    for (const [item, neighbor, similarity] of weights) {
      expect(item).not.toBe(neighbor)
      expect(Number(similarity)).toBeGreaterThanOrEqual(0)
      expect(Number(similarity)).toBeLessThanOrEqual(1)
    }
    // Who looks at even teas is recommended even ones.
    await shop.send([viewed('me', 't0'), viewed('me', 't2')])
    await drain(ground)
    const [first] = (await shop.list({ anonymousId: 'me', limit: 3 })).items
    expect(Number(first?.id.slice(1)) % 2).toBe(0)
  })

  it('leaves alone what was trained today, and what nobody had to do with', async () => {
    const empty = await addTeaShop(ground, teas(3))
    const run = (whose: TeaShop, more: object = {}) =>
      recommendationTraining(quiet, { place: place(whose), ...more }).run(ground.app)
    expect(await run(empty)).toEqual({ state: 'done', trained: 0 })
    expect(await run(shop)).toEqual({ state: 'done', trained: 0 })
    expect(await run(shop, { everyMs: 0 })).toEqual({ state: 'done', trained: 1 })
  })
})

describe('training whose database fails', () => {
  it('warns, keeps what there was, and begins anew at the next run', async () => {
    const lines: string[] = []
    const log = createLog((line) => lines.push(line), 'warn')
    const answers: (() => unknown)[] = [
      () => {
        throw new Error('the database is away')
      },
      () => [],
    ]
    const storage = { call: async () => answers.shift()!(), close: async () => {} } as unknown as Storage
    const training = recommendationTraining(log)
    expect(await training.run(storage)).toEqual({ state: 'failed', trained: 0 })
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', error: expect.stringContaining('away') })
    expect(await training.run(storage)).toEqual({ state: 'done', trained: 0 })
  })
})
