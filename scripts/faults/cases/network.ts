/** Networks that swallow, tear, drip, lie, and lose the reply after the commit. */
import type { Case } from '../case.ts'
import type { Fate } from '../rig/edge.ts'
import { withoutKey } from '../rig/without.ts'

const together = 'waiting'
const noTimeout = { name: 'no timeout', without: { page: 'timeout' } } as const
const noAck = { name: 'forgets before the ack', without: { page: 'ack' } } as const

/** The first `harmed` requests meet `fate`, later ones arrive. */
function harmed(name: string, count: number, fate: Fate, control: NonNullable<Case['control']>): Case {
  return {
    number: 18,
    name,
    together,
    async run(world) {
      const visitor = await world.visitor()
      const tab = await visitor.open()
      world.edge.fate = ({ before }) => (before < count ? fate : undefined)
      await tab.track(20)
      await world.until(() => world.edge.exchanges.length >= count, 10_000)
      world.heal()
      await tab.track(20)
      await world.settle()
    },
    control,
  }
}

const portal = '<!doctype html><title>Hotel</title><p>Please sign in.</p>'

export const halfOpen: Case = harmed(
  'the socket is half-open: no reply ever',
  1,
  { request: 'held' },
  noTimeout,
)
export const slowDrip: Case = harmed(
  'the reply drips at a byte a second',
  1,
  { reply: 'dripping' },
  noTimeout,
)
export const noReply: Case = harmed(
  'the commit happens, the reply never comes',
  1,
  { reply: 'held' },
  {
    name: 'no unique key',
    without: withoutKey,
  },
)
export const torn: Case = harmed('a reset in the middle of the body, twice', 2, { request: 'torn' }, noAck)
export const captivePortal: Case = harmed(
  'a captive portal answers 200 with HTML, three times',
  3,
  { answer: { status: 200, headers: { 'Content-Type': 'text/html' }, body: portal } },
  noAck,
)

export const noName: Case = {
  number: 18,
  name: 'the collector’s name cannot be resolved, later it can',
  together,
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open({ host: 'http://collector.invalid' })
    await tab.track(20)
    await world.until(
      () => world.ledger.heard.some(({ stage }) => stage === 'failed' || stage === 'acked'),
      10_000,
    )
    await tab.close()
    world.heal()
    await visitor.open()
    await world.settle()
  },
  control: noAck,
}

export const lostReply: Case = {
  number: 19,
  name: 'the reply is lost after the commit, three times',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    world.edge.fate = ({ before }) => (before < 3 ? { reply: 'lost' } : undefined)
    await tab.track(20)
    await world.until(() => world.ledger.heard.some(({ stage }) => stage === 'acked'))
    world.heal()
    await world.settle()
    const [again] = await world.ask(`select events from nunchi.sdk_drops where reason = 'retransmit'`)
    world.expect(Number(again?.['events']) >= 60, 'The events did not come again.')
  },
  control: { name: 'no unique key', without: withoutKey },
}

export const refusedLong: Case = {
  number: 35,
  name: 'Postgres refuses connections for 30 s (failover)',
  together,
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(250)
    await world.sleep(1000)
    world.line.refused = true
    await world.sleep(30_000)
    world.line.refused = false
    world.heal()
    await tab.halt()
    await world.settle()
    const failed = world.edge.exchanges.filter(({ status }) => status !== 202 && status !== undefined)
    world.expect(failed.length > 0, 'No request came while Postgres was away.')
    for (const { status, reply } of failed)
      world.expect(
        status === 503 && /retry-after: \d/i.test(reply?.head ?? ''),
        `The collector answered ${status} without Retry-After.`,
      )
  },
  control: { name: 'ack before commit', without: { collector: 'commit' } },
}
