/** Devices whose IndexedDB is missing, refused, or hangs. */
import type { Case } from '../case.ts'

const broken = {
  missing: `Object.defineProperty(window, 'indexedDB', { value: undefined })`,
  refused: `Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError') } })`,
  throwing: `IDBFactory.prototype.open = () => { throw new Error('no') }`,
}

export const noStore: Case = {
  number: 6,
  name: 'IndexedDB is missing, refused, or throws',
  async run(world) {
    for (const script of Object.values(broken)) {
      const visitor = await world.visitor()
      await visitor.before(script)
      const tab = await visitor.open()
      const { durable, fleeting } = await tab.track(10)
      world.expect(durable.length === 0, 'A promise said durable, and nothing was.')
      world.ledger.accept(fleeting)
      await tab.track(10).then((more) => world.ledger.accept(more.fleeting))
      world.expect(visitor.warnings.length === 1, `The console has ${visitor.warnings.length} warnings.`)
    }
    world.heal()
    await world.settle()
  },
  control: { name: 'memory forgets what the store refused', without: { page: 'memory' } },
}

/** Every open answers only after so many ms. */
const hanging = (ms: number): string => `{
  const open = IDBFactory.prototype.open
  const since = Date.now()
  IDBFactory.prototype.open = function (...args) {
    const late = {}
    setTimeout(() => {
      const request = open.apply(this, args)
      for (const type of ['success', 'error', 'upgradeneeded', 'blocked'])
        request['on' + type] = (event) => {
          late.result = request.result
          late.error = request.error
          late.transaction = request.transaction
          late['on' + type]?.(event)
        }
    }, Math.max(0, ${ms} - (Date.now() - since)))
    return late
  }
}`

export const hangingStore: Case = {
  number: 7,
  name: 'IndexedDB hangs for 6.5 s, then a crash after it came back',
  async run(world) {
    const visitor = await world.visitor()
    world.edge.refused = true
    await visitor.before(hanging(6500))
    const tab = await visitor.open()
    const early = await tab.track(10)
    world.expect(early.fleeting.length === 10, 'The promises waited for a store that hangs.')
    world.ledger.accept(early.fleeting)
    const saved = () =>
      tab.page.evaluate(async () => (await indexedDB.databases()).some(({ name }) => name === 'nunchi'))
    await world.until(saved)
    await world.until(
      async () => (await tab.page.evaluate(() => window.faults.client.flush())).pending === 10,
    )
    await world.sleep(500)
    await tab.crash()
    world.edge.refused = false
    world.heal()
    await visitor.open()
    await world.settle()
  },
  control: { name: 'no write-ahead', without: { page: 'disk' } },
}
