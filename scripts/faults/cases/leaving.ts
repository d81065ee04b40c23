/** Pages that leave with more than a beacon may carry, or where beacons do not work. */
import type { Case } from '../case.ts'

const noDisk = { name: 'no write-ahead', without: { page: 'disk' } } as const
const quota = 65_536

export const largeLeave: Case = {
  number: 13,
  name: 'the page leaves with 160 kB unsent',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    world.edge.fate = ({ beacon }) => (beacon ? undefined : { request: 'held' })
    await tab.track(40, { bytes: 4000 })
    await tab.page.goto(`${world.site.url}/elsewhere`)
    await world.sleep(500)
    const beacons = world.edge.exchanges.filter(({ beacon }) => beacon)
    const bytes = beacons.reduce((sum, { size }) => sum + size, 0)
    world.expect(beacons.length > 0 && bytes < quota, `${beacons.length} beacons carried ${bytes} bytes.`)
    world.edge.fate = () => undefined
    world.heal()
    await visitor.open()
    await world.settle()
  },
  control: noDisk,
}

const broken = {
  false: `Navigator.prototype.sendBeacon = () => false`,
  missing: `delete Navigator.prototype.sendBeacon`,
  throwing: `Navigator.prototype.sendBeacon = () => { throw new Error('no') }`,
}

export const noBeacon: Case = {
  number: 14,
  name: 'sendBeacon is false, missing, throws, or is blocked',
  async run(world) {
    const { edge } = world
    edge.fate = () => ({ request: 'held' })
    const visitors = []
    for (const script of [...Object.values(broken), undefined]) {
      const visitor = await world.visitor()
      visitors.push(visitor)
      if (script) await visitor.before(script)
      else await visitor.context.route(/ack=none/, (route) => route.abort('blockedbyclient'))
      const tab = await visitor.open()
      const before = edge.exchanges.length
      await tab.track(10)
      await tab.page.goto(`${world.site.url}/elsewhere`)
      await world.sleep(300)
      const tries = edge.exchanges.length - before
      world.expect(tries <= 4, `The page tried ${tries} times while it left.`)
      world.expect(visitor.warnings.length === 0, `The console says ${visitor.warnings[0]}.`)
    }
    edge.fate = () => undefined
    for (const visitor of visitors) await visitor.open()
    world.heal()
    await world.settle()
  },
  control: noDisk,
}
