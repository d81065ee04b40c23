/** Browsers that die: right after track(), in the middle of sending, and between the commit and its ack. */
import type { Case } from '../case.ts'
import { withoutKey } from '../rig/without.ts'

const noDisk = { name: 'no write-ahead', without: { page: 'disk' } } as const

export const tabCrash: Case = {
  number: 1,
  name: 'the tab crashes right after track()',
  async run(world) {
    const visitor = await world.visitor()
    world.edge.refused = true
    const tab = await visitor.open()
    await tab.track(50)
    await tab.crash()
    world.edge.refused = false
    world.heal()
    await visitor.open()
    await world.settle()
  },
  control: noDisk,
}

export const browserKill: Case = {
  number: 2,
  name: 'the browser is killed while it sends',
  async run(world) {
    const { browser, again } = await world.mortal()
    const tab = await (await again()).open()
    world.edge.fate = () => ({ request: 'held' })
    await tab.track(50)
    await world.until(() => world.edge.exchanges.length > 0)
    await browser.kill()
    world.edge.fate = () => undefined
    world.heal()
    await (await again()).open()
    await world.settle()
  },
  control: noDisk,
}

export const crashBeforeAck: Case = {
  number: 3,
  name: 'the tab crashes after the commit, before its ack',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    world.edge.fate = () => ({ reply: 'held' })
    const { durable } = await tab.track(50)
    await world.until(async () => (await world.ledger.balance()).stored === durable.length)
    await tab.crash()
    world.edge.fate = () => undefined
    world.heal()
    await visitor.open()
    await world.until(() => world.ledger.heard.some(({ stage }) => stage === 'acked'))
    await world.settle()
    const [again] = await world.ask(`select events from nunchi.sdk_drops where reason = 'retransmit'`)
    world.expect(Number(again?.['events']) === 50, 'The events did not come again.')
  },
  control: { name: 'no unique key', without: withoutKey },
}
