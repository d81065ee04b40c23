/** Nobody steers: neither one visitor with 100,000 clicks nor fifty of one network move what others are recommended. */
import { beforeAll, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { drain, type Ground } from '../../test/processing.ts'
import { about, addTeaShop, refreshAll, type TeaShop, teas, viewed } from '../../test/recommend-grounds.ts'

const [day, people] = [86_400_000, 120]
const targets = ['t5', 't29']

describePostgres('what others are recommended', (server) => {
  let db: TestDatabase
  let ground: Ground
  let shop: TeaShop
  let before: Map<string, string[]>

  /** The first twenty of many people's lists, and of a stranger's. */
  async function lists(): Promise<Map<string, string[]>> {
    await db.sql.unsafe('truncate nunchi.recommendation_cache')
    const all = new Map<string, string[]>()
    for (const anonymousId of ['p3', 'p40', 'p111', 'stranger'])
      for (const list of ['user', 'trending', 'similar'])
        all.set(
          `${list} ${anonymousId}`,
          await shop.ids({ anonymousId, list, limit: 20, context: { items: ['t2'] } }),
        )
    return all
  }

  /** The farthest that any item moved. */
  async function moved(): Promise<{ places: number; where: string }> {
    const after = await lists()
    let most = { places: 0, where: '' }
    for (const [name, ids] of before)
      for (const [from, id] of ids.entries()) {
        const to = after.get(name)!.indexOf(id)
        const places = Math.abs((to < 0 ? 20 : to) - from)
        if (places > most.places) most = { places, where: `${id} from ${from} to ${to} of ${name}` }
      }
    return most
  }

  async function withdraw(): Promise<void> {
    await db.sql.unsafe(`with gone as (delete from nunchi.interactions where actor like 'evil%' returning *)
      insert into nunchi.item_changes (project_id, environment, item, shard)
      select distinct project_id, environment, item, -1 from gone`)
    await refreshAll(ground)
  }

  beforeAll(async () => {
    db = await createDatabase(server)
    ground = { app: db.app, owner: db.owner, query: async (text) => [...(await db.sql.unsafe(text))] }
    shop = await addTeaShop(
      ground,
      teas(30, (i) => ({ tags: [`group-${i % 3}`] })),
    )
    const now = Date.now()
    // The first of the catalog are looked at most; everybody has a group of their own.
    for (let p = 0; p < people; p++) {
      const events = Array.from({ length: 12 }, (_, k) => {
        const chance = ((p * 7919 + k * 104_729) % 1_000) / 1_000
        const item = 3 * Math.floor(10 * chance ** 2.2) + (k % 4 === 0 ? (p + k) % 3 : p % 3)
        return viewed(`p${p}`, `t${item}`, { ts: now - ((p * 31 + k * 17) % 20) * day })
      })
      await shop.send(events, { receivedAt: now, context: { ip: `20.${p}.1.0/24` } })
    }
    await drain(ground)
    await refreshAll(ground)
    before = await lists()
    return () => db.drop()
  }, 120_000)

  it('do move where people want something else: the control', async () => {
    const crowd = Array.from({ length: 60 }, (_, p) => p)
    for (const p of crowd)
      await shop.send(
        ['t29', 't0', 't1', 't2'].map((id) => viewed(`evil${p}`, id)),
        { context: { ip: `30.${p}.1.0/24` } },
      )
    await drain(ground)
    await refreshAll(ground)
    expect((await moved()).places).toBeGreaterThan(5)
    await withdraw()
    expect((await moved()).places).toBeLessThanOrEqual(1)
  })

  it('is not moved by more than a place by one visitor with 100,000 clicks', async () => {
    for (const target of targets) {
      const clicks = Array.from({ length: 300 }, () => about('Item Clicked', 'evil', target))
      await shop.send(clicks, { context: { ip: '66.6.6.0/24' } })
      await drain(ground)
      // What three hundred clicks made, as a hundred thousand would have.
      const [row] = await db.sql`update nunchi.interactions set weight = 200000, kinds = '{"click": 100000}'
        where actor = 'evil' and item = ${target} and weight = 600 returning kinds`
      expect(row, target).toBeDefined()
      await refreshAll(ground)
      expect(await moved(), target).toMatchObject({
        places: expect.toSatisfy((places: number) => places <= 1),
      })
      await withdraw()
    }
  })

  it('is not moved by more than a place by fifty visitors of one network', async () => {
    for (const target of targets) {
      for (let p = 0; p < 50; p++)
        await shop.send([viewed(`evil${p}`, target), about('Item Clicked', `evil${p}`, target)], {
          context: { ip: '66.6.6.0/24' },
        })
      await drain(ground)
      await refreshAll(ground)
      expect(await moved(), target).toMatchObject({
        places: expect.toSatisfy((places: number) => places <= 1),
      })
      await withdraw()
    }
  })
})
