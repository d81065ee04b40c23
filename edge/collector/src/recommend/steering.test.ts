/** Nobody steers: neither one visitor with 100,000 clicks nor fifty of one network move what others are recommended. */
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../../test/postgres.ts'
import { drain, type Ground } from '../../test/processing.ts'
import { about, addTeaShop, refreshAll, type TeaShop, teas } from '../../test/recommend-grounds.ts'
import { recommendationTraining } from '../jobs/train.ts'
import { createLog } from '../log.ts'

const [items, people] = [80, 150]
const fifty = Array.from({ length: 50 }, (_, p) => `evil${p}`)

/** Chances that repeat. */
function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

interface Deed {
  actor: string
  item: number
  weight?: number
  days?: number
  network: string
}

/** Everybody has a group of their own, and looks most at the first of the catalog. */
function honest(): Deed[] {
  const next = chances(7919)
  return Array.from({ length: people * 12 }, (_, n) => ({
    actor: `p${n % people}`,
    item: 4 * Math.floor((items / 4) * next() ** 2) + (next() < 0.7 ? n % 4 : Math.floor(next() * 4)),
    weight: 1 + Math.floor(next() * 4),
    days: Math.floor(next() * 20),
    network: `20.${n % people}.1.0/24`,
  }))
}

// One server does: what is computed from what is held by neighbors.test.ts on each.
const { servers, missing } = inject('postgres')
const [server] = servers

describe.skipIf(!server)(`what others are recommended ${missing.join(' ')}`.trim(), () => {
  let db: TestDatabase
  let ground: Ground
  let shop: TeaShop

  /** The first twenty of many people's lists, and of a stranger's. */
  async function lists(): Promise<Map<string, string[]>> {
    await db.sql.unsafe('truncate nunchi.recommendation_cache')
    const all = new Map<string, string[]>()
    for (const [n, anonymousId] of ['p3', 'p40', 'p111', 'p122', 'stranger'].entries())
      for (const list of ['user', 'trending', 'similar', 'contextual'])
        all.set(
          `${list} ${anonymousId}`,
          await shop.ids({ anonymousId, list, limit: 20, context: { items: [`t${n * 5}`] } }),
        )
    return all
  }

  /** How far the item that moved farthest did, in lists of others. */
  function moved(before: Map<string, string[]>, after: Map<string, string[]>): number {
    const places = [...before].flatMap(([name, ids]) => {
      const now = after.get(name)!
      const place = (of: string[], id: string) => (of.includes(id) ? of.indexOf(id) : 20)
      return [...ids, ...now].map((id) => Math.abs(place(ids, id) - place(now, id)))
    })
    return Math.max(...places)
  }

  /** What was done, without the events; what was computed follows. */
  async function done(deeds: readonly Deed[]): Promise<void> {
    const rows = JSON.stringify(deeds.map((deed) => ({ weight: 3, days: 0, ...deed })))
    await db.sql`insert into nunchi.interactions
      select ${shop.projectId}::uuid, 'production', d.actor, false, 't' || d.item, d.weight, '{"view": 1}', d.network, null, null,
        gen_random_uuid(), now() - d.days * interval '1 day', now() - d.days * interval '1 day'
      from jsonb_to_recordset(${rows}::text::jsonb) d (actor text, item integer, weight numeric, days integer, network text)
      on conflict do nothing`
    await noted(deeds.map(({ item }) => `t${item}`))
  }

  async function noted(changed: readonly string[]): Promise<void> {
    await db.sql`insert into nunchi.item_changes (project_id, environment, item, shard)
      select distinct ${shop.projectId}::uuid, 'production', id, 0 from jsonb_array_elements_text(${JSON.stringify(changed)}::text::jsonb) id
      on conflict do nothing`
    await refreshAll(ground)
  }

  async function withdraw(): Promise<void> {
    const gone = await db.sql`delete from nunchi.interactions where actor like 'evil%' returning item`
    await noted(gone.map((row) => row['item'] as string))
  }

  /** How far anything moves by these deeds, which are taken back. */
  async function movedBy(deeds: readonly Deed[]): Promise<number> {
    const before = await lists()
    await done(deeds)
    const places = moved(before, await lists())
    await withdraw()
    return places
  }

  const train = () =>
    recommendationTraining(
      createLog(() => {}, 'error'),
      { everyMs: 0, place: { projectId: shop.projectId, environment: 'production' } },
    ).run(db.app)

  const crowd = (wanted: (n: number) => number[], network: (n: number) => string = () => '66.6.6.0/24') =>
    fifty.flatMap((actor, n) => wanted(n).map((item) => ({ actor, item, network: network(n) })))

  beforeAll(async () => {
    db = await createDatabase(server!)
    ground = { app: db.app, owner: db.owner, query: async (text) => [...(await db.sql.unsafe(text))] }
    shop = await addTeaShop(
      ground,
      teas(items, (i) => ({ tags: [`group-${i % 4}`] })),
    )
    await done(honest())
    return () => db.drop()
  }, 120_000)

  it('do move where fifty people of fifty networks want something else: the control', async () => {
    const six = [77, 0, 1, 2, 3, 6]
    expect(
      await movedBy(
        crowd(
          () => six,
          (n) => `30.${n}.1.0/24`,
        ),
      ),
    ).toBeGreaterThan(5)
  }, 60_000)

  it('is not moved by fifty visitors of one network who look at this and that, before and after training', async () => {
    const next = chances(31)
    // Each item is looked at by fewer than ten of them: at none they are a crowd.
    const anySix = crowd((n) =>
      Array.from({ length: 6 }, (_, k) => (6 * n + k + Math.floor(next() * 2)) % items),
    )
    const before = await lists()
    await done(anySix)
    expect(moved(before, await lists())).toBe(0)
    await train()
    const trained = await lists()
    await withdraw()
    await train()
    expect(moved(await lists(), trained), 'after training').toBe(0)
    await db.sql`delete from nunchi.recommendation_models`
    await db.sql`delete from nunchi.item_neighbors where source = 'ease'`
  }, 60_000)

  it.each([1, 2])(
    'is not moved by fifty visitors of one network, whatever they look at beside (%i)',
    async (seed) => {
      const next = chances(seed * 104_729)
      const target = seed === 1 ? 5 : 77
      const any = () => Math.floor(next() * items)
      const five = Array.from({ length: 5 }, any)
      expect(await movedBy(crowd(() => [target])), 'at the target alone').toBe(0)
      expect(await movedBy(crowd(() => [target, ...five])), 'at the same five').toBe(0)
      expect(await movedBy(crowd(() => [target, any(), any(), any()])), 'at any others').toBe(0)
    },
    60_000,
  )

  it('is moved by no click of one visitor who clicks 100,000 times', async () => {
    const six = [77, 0, 1, 2, 3, 6]
    const before = await lists()
    for (const count of [2, 250])
      await shop.send(
        Array.from({ length: count }, () => about('Item Clicked', 'evil', 't77')),
        { context: { ip: '66.6.6.0/24' } },
      )
    await done(six.slice(1).map((item) => ({ actor: 'evil', item, network: '66.6.6.0/24' })))
    await drain(ground)
    await refreshAll(ground)
    expect(moved(before, await lists())).toBe(0)
    await withdraw()
  }, 60_000)

  it('is moved by no click of one visitor who clicks on everything, on nothing very often', async () => {
    const before = await lists()
    for (let round = 0; round < 15; round++)
      await shop.send(
        Array.from({ length: items }, (_, item) => about('Item Clicked', 'evil', `t${item}`)),
        { context: { ip: '66.6.6.0/24' } },
      )
    await drain(ground)
    await refreshAll(ground)
    expect(moved(before, await lists())).toBe(0)
    await withdraw()
  }, 60_000)

  it('hears who works with the same thing every day, but not who clicks as much in an hour', async () => {
    const now = Date.now()
    const clicks = (who: string, apartMs: number) =>
      Array.from({ length: 300 }, (_, n) => about('Item Clicked', who, 't9', { ts: now - n * apartMs }))
    await shop.send(clicks('evil-day-by-day', 2_400_000))
    await shop.send(clicks('evil-at-once', 12_000))
    await drain(ground)
    const rows =
      await db.sql`select actor, weight::integer, loud from nunchi.interactions where actor like 'evil-%' order by 1`
    expect([...rows]).toEqual([
      { actor: 'evil-at-once', weight: 600, loud: true },
      { actor: 'evil-day-by-day', weight: 600, loud: false },
    ])
    await withdraw()
  }, 60_000)
})
