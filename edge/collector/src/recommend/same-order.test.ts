/** The same question gets the same list: sums that differ in their last digits from call to call move nothing. */
import { expect, inject, it } from 'vitest'
import { createDatabase } from '../../test/postgres.ts'
import { addTeaShop, refreshAll, teas } from '../../test/recommend-grounds.ts'

// The oldest there is: plans of others happen to add in one order.
const server = inject('postgres').servers.at(-1)

it.skipIf(!server)('orders what is equally near as before, however often somebody asks', async () => {
  const db = await createDatabase(server!)
  try {
    const ground = {
      app: db.app,
      owner: db.owner,
      query: async (text: string) => [...(await db.sql.unsafe(text))],
    }
    const four = teas(40, (i) => ({ tags: [`group-${i % 4}`] }))
    const shop = await addTeaShop(ground, four)
    let state = 7919
    const chance = () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    const people = Array.from({ length: 10 }, (_, n) => `p${n}`)
    const deeds = Array.from({ length: 120 }, (_, n) => {
      const spread = 4 * Math.floor(10 * chance() ** 2)
      const item = spread + (chance() < 0.7 ? n % 4 : Math.floor(chance() * 4))
      return {
        actor: people[n % 10],
        item,
        weight: 1 + Math.floor(4 * chance()),
        days: Math.floor(20 * chance()),
      }
    })
    // As processing writes them, in whole days: what is equal is common then.
    await db.sql`insert into nunchi.interactions
      select ${shop.projectId}::uuid, 'production', d.actor, false, 't' || d.item, d.weight, '{"view": 1}', null, null, null,
        gen_random_uuid(), now() - d.days * interval '1 day', now() - d.days * interval '1 day'
      from jsonb_to_recordset(${JSON.stringify(deeds)}::text::jsonb) d (actor text, item integer, weight numeric, days integer)
      on conflict do nothing`
    await refreshAll(ground)
    const lists = async () => {
      await db.sql.unsafe('truncate nunchi.recommendation_cache')
      return Promise.all(people.map((anonymousId) => shop.ids({ anonymousId, limit: 20 })))
    }
    const first = await lists()
    expect(first[0]!.length).toBeGreaterThan(10)
    for (const time of [1, 2, 3, 4, 5, 6]) expect(await lists(), `time ${time}`).toEqual(first)
  } finally {
    await db.drop()
  }
})
