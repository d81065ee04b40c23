/** One event of a hundred that passes every check and that the database refuses all the same. */
import type { Case } from '../case.ts'

export const poisoned: Case = {
  number: 31,
  name: 'one event of a batch of 100 cannot be stored',
  async run(world) {
    const { edge, ledger } = world
    // An operator's own constraint, say.
    await world.ask(`alter table nunchi.analytics_events add check (name <> 'poison-0')`)
    const visitor = await world.visitor()
    edge.refused = true
    const tab = await visitor.open()
    await tab.track(57)
    const poison = await tab.track(1, { prefix: 'poison' })
    await tab.track(42)
    edge.refused = false
    world.heal()
    await world.settle()
    const { stored } = await ledger.balance()
    world.expect(stored === 99, `${stored} of the 99 good ones are stored.`)
    const sizes = edge.exchanges.map(
      ({ body }) => (JSON.parse(body()) as { events: unknown[] }).events.length,
    )
    world.expect(sizes.includes(100), `The batches had ${sizes.join(', ')} events.`)
    world.expect([...ledger.rejected].join() === poison.durable.join(), 'The ack does not name the bad one.')
    const rejects = await world.ask('select event_id, code from nunchi.event_rejects')
    world.expect(
      rejects.length === 1 && rejects[0]?.['event_id'] === poison.durable[0],
      `${rejects.length} rejects are on record.`,
    )
  },
  control: { name: 'takes it for trouble of the database', without: { collector: 'isolation' } },
}
