/** A device whose clock jumps by an hour and by ten years, forward and back. */
import type { Case } from '../case.ts'

const hour = 3_600_000
const decade = 315_576_000_000
const jumps = [0, hour, -hour, decade, -decade, 0]

export const clockJumps: Case = {
  number: 11,
  name: 'the clock jumps by an hour and by ten years, both ways',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    for (const [i, jump] of jumps.entries()) {
      await tab.clock(jump)
      // A failure leaves a time behind until which nothing is sent: the next jump must not stretch it.
      world.edge.fate = ({ before }) => (before === i * 2 ? { answer: { status: 503 } } : undefined)
      await tab.track(5, { prefix: `clock-${i}` })
      await world.settle()
    }
    // Set right half an hour back, in the middle of a wait.
    await tab.clock(hour / 2)
    world.edge.fate = ({ before }) => (before === jumps.length * 2 ? { answer: { status: 503 } } : undefined)
    await tab.track(5, { prefix: 'between' })
    await world.until(() => world.edge.exchanges.at(-1)?.status === 503)
    await tab.clock(0)
    await tab.track(5, { prefix: 'between' })
    await world.settle()
    const [order] = await world.ask(
      `select array_agg(name order by seq) = array_agg(name order by received_at, seq) as kept,
         max(abs(extract(epoch from occurred_at - received_at)))::float8 as off
       from nunchi.analytics_events where name like 'clock-%'`,
    )
    world.expect(order?.['kept'], 'The order is not that of seq.')
    world.expect(Number(order?.['off']) < 60, `An event is ${order?.['off']} s away from when it happened.`)
    const [suspect] = await world.ask(
      `select count(*)::int as count from nunchi.analytics_events where clock_suspect`,
    )
    world.expect(Number(suspect?.['count']) >= 10, 'Clocks that are ten years off are not suspect.')
  },
  control: { name: 'no skew', without: { collector: 'skew' } },
}
