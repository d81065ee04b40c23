/** Many tabs and one queue: one of them sends, and another takes over when it dies. */
import type { Case } from '../case.ts'
import type { Tab, Visitor } from '../rig/visitor.ts'
import type { World } from '../rig/world.ts'

const noLock = { name: 'no lock', without: { page: 'lock' } } as const

/** All tabs track at once for some rounds; then the one that sends is killed in the middle of it. */
async function manyTabs(world: World, visitor: Visitor, count: number, takeover: number): Promise<void> {
  const tabs: Tab[] = []
  for (let i = 0; i < count; i++) tabs.push(await visitor.open())
  world.edge.fate = () => ({ delay: 150 })
  for (let round = 0; round < 4; round++) await Promise.all(tabs.map((tab) => tab.track(5)))
  await world.settle()
  world.expect(world.edge.crowd === 1, `${world.edge.crowd} requests were open at once.`)
  // Without a lock there is no one that sends: what follows would say nothing.
  if (world.edge.crowd > 1) return

  world.edge.fate = () => ({ request: 'held' })
  await Promise.all(tabs.map((tab) => tab.track(5)))
  await world.until(() => world.edge.open > 0)
  await world.sleep(200)
  const leader = tabs.find(({ page }) => page === visitor.sender)
  world.edge.fate = () => undefined
  await leader?.crash()
  world.heal()
  await world.settle()
  const { recovery = Number.POSITIVE_INFINITY } = world
  world.expect(leader && recovery < takeover, `Another tab took over only after ${recovery} s.`)
}

export const tenTabs: Case = {
  number: 9,
  name: 'ten tabs; the one that sends is killed',
  async run(world) {
    await manyTabs(world, await world.visitor(), 10, 5)
  },
  control: noLock,
}

export const noLocks: Case = {
  number: 10,
  name: 'three tabs without Web Locks; the one that sends is killed',
  async run(world) {
    const visitor = await world.visitor()
    await visitor.before(`Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })`)
    await manyTabs(world, visitor, 3, 10)
  },
  control: noLock,
}

export const loadedTwice: Case = {
  number: 22,
  name: 'the SDK is loaded twice in one page, which crashes',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open({}, '/two')
    await tab.page.evaluate((given) => window.second.start(given), {
      key: world.key,
      host: world.edge.url,
      without: world.without?.page,
    })
    const second = async () =>
      world.ledger.accept((await tab.page.evaluate(() => window.second.track('second', 5, 0))).durable)
    world.edge.fate = () => ({ delay: 150 })
    for (let round = 0; round < 5; round++) {
      await Promise.all([tab.track(5), second()])
      await world.sleep(200)
    }
    world.edge.refused = true
    await Promise.all([tab.track(20), second()])
    await tab.crash()
    world.edge.refused = false
    world.heal()
    await visitor.open()
    await world.settle()
    world.expect(world.edge.crowd === 1, `${world.edge.crowd} requests were open at once.`)
  },
  control: noLock,
}
