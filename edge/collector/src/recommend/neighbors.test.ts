/** Neighbors and popularity step by step come to what they come to anew, whatever came in which order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drain } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { about, addTeaShop, refreshAll, teas, viewed } from '../../test/recommend-grounds.ts'
import { someEvent } from '../../test/rig.ts'

const day = 86_400_000

describeGrounds('neighbors', (ground, rows) => {
  /** What was computed, rounded as far as moments of computing may differ. */
  const computed = (projectId: string) =>
    rows(
      projectId,
      `select concat_ws(' ', 'near', item, neighbor, round(similarity::numeric, 4), support) as row
        from nunchi.item_neighbors where project_id = $p and source = 'cf'
      union all select concat_ws(' ', 'norm', item, round(norm::numeric, 3), actors) from nunchi.item_stats where project_id = $p
      union all select concat_ws(' ', 'popular', item, segment, round(score::numeric, 3)) from nunchi.item_popularity
        where project_id = $p order by 1`,
    )
  const anew = async (projectId: string) => {
    for (const table of ['item_neighbors', 'item_stats', 'item_popularity'])
      await ground.query(`delete from nunchi.${table} where project_id = '${projectId}'`)
    await ground.query(`insert into nunchi.item_changes (project_id, environment, item, shard)
      select project_id, environment, id, 0 from nunchi.items where project_id = '${projectId}'`)
    await refreshAll(ground)
  }

  it('step by step are as anew, and in any order and any pieces the same', async () => {
    const start = Date.now()
    const few = (...values: string[]) => fc.constantFrom(...values)
    const event = fc
      .record({
        name: few('Item Viewed', 'Item Viewed', 'Item Added', 'Order Completed', 'Item Dismissed'),
        who: few('a', 'b', 'c', 'd', 'e'),
        items: fc.subarray(['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'], {
          minLength: 1,
          maxLength: 4,
        }),
        days: fc.integer({ min: 0, max: 60 }),
      })
      .map(({ name, who, items, days }) =>
        someEvent({
          name,
          anonymousId: who,
          ts: start - days * day,
          properties: { products: items.map((sku) => ({ sku })) },
        }),
      )
    const networks = fc.constantFrom({ ip: '1.1.1.0/24' }, { ip: '2.2.2.0/24' }, {})
    const batch = fc.record({
      events: fc.array(event, { minLength: 1, maxLength: 8 }),
      context: networks,
      pause: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
        const [one, two] = [await addTeaShop(ground, teas(9)), await addTeaShop(ground, teas(9))]
        for (const { events, context, pause } of batches) {
          await one.send(events, { receivedAt: start, context })
          if (!pause) continue
          await drain(ground)
          await refreshAll(ground, 3)
        }
        // The same the other way round, at once.
        for (const { events, context } of batches.toReversed())
          await two.send(events.toReversed(), { receivedAt: start, context })
        await drain(ground)
        await refreshAll(ground, 4)
        const grown = await computed(one.projectId)
        expect(await computed(two.projectId)).toEqual(grown)
        const interactions = `select to_jsonb(i) - 'project_id' from nunchi.interactions i where project_id = $p order by actor, item`
        expect(JSON.stringify(await ground.query(interactions.replace('$p', `'${two.projectId}'`)))).toBe(
          JSON.stringify(await ground.query(interactions.replace('$p', `'${one.projectId}'`))),
        )
        await anew(one.projectId)
        expect(await computed(one.projectId)).toEqual(grown)
      }),
      { numRuns: 3 },
    )
  }, 120_000)

  describe('one who looks at everything', () => {
    it('costs processing no more for each event, and counts with the latest hundred', async () => {
      const shop = await addTeaShop(
        ground,
        teas(120, (i) => ({ title: `${i}` })),
      )
      const start = Date.now()
      const looks = Array.from({ length: 120 }, (_, i) =>
        viewed('hostile', `t${i}`, { ts: start - (120 - i) * 1000 }),
      )
      await shop.send(looks, { receivedAt: start })
      for (const who of ['a', 'b'])
        await shop.send(
          ['t1', 't2', 't119', 't118'].map((id) => viewed(who, id)),
          { receivedAt: start },
        )
      await drain(ground)
      await refreshAll(ground, 50)
      const support = (pair: string) =>
        rows(
          shop.projectId,
          `select support from nunchi.item_neighbors where project_id = $p and source = 'cf' and item || ' ' || neighbor = '${pair}'`,
        )
      expect(await support('t1 t2')).toEqual(['2'])
      expect(await support('t118 t119')).toEqual(['3'])
    }, 60_000)
  })

  it('are computed an item at a time where time is short: what is done is kept, and nothing left out', async () => {
    await refreshAll(ground)
    await addTeaShop(ground, teas(3))
    const steps: { items: number; more: boolean }[] = []
    while (steps.at(-1)?.more !== false && steps.length < 9)
      steps.push(await ground.app.call('refresh_recommendations', { limit: 20, budgetMs: 0 }))
    expect(steps.map(({ items }) => items)).toEqual([1, 1, 1, 0])
  })

  it('need more than one network: fifty visitors of one say nothing of what goes together', async () => {
    const shop = await addTeaShop(ground, teas(4))
    const pairs = (count: number, item: string, ip: (i: number) => string) =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          shop.send(
            ['t0', item].map((id) => about('Item Added', `${item}-${i}`, id)),
            { context: { ip: ip(i) } },
          ),
        ),
      )
    await pairs(50, 't1', () => '7.7.7.0/24')
    await pairs(3, 't2', (i) => `8.8.${i}.0/24`)
    // Behind a proxy everybody has its address: that is no network.
    await pairs(3, 't3', () => '10.0.0.0/24')
    await drain(ground)
    await refreshAll(ground)
    expect(
      await rows(
        shop.projectId,
        `select neighbor, support from nunchi.item_neighbors where project_id = $p and source = 'cf' and item = 't0' order by 1`,
      ),
    ).toEqual(['t2 3', 't3 3'])
  })
})
