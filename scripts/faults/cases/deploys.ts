/** Collectors that are replaced, killed between read and commit, restarted in a loop, or two at once. */
import type { Case } from '../case.ts'
import { carriesAnswer, carriesBatches } from '../rig/line.ts'
import { withoutKey } from '../rig/without.ts'
import type { World } from '../rig/world.ts'

const ackFirst = { name: 'ack before commit', without: { collector: 'commit' } } as const

export const rollingDeploy: Case = {
  number: 26,
  name: 'three rolling deploys (SIGTERM) under traffic',
  async run(world) {
    const { edge, line } = world
    line.latency = 60
    const tabs = await Promise.all([1, 2, 3].map(async () => (await world.visitor()).open()))
    for (const tab of tabs) await tab.stream(60)
    for (let deploy = 0; deploy < 3; deploy++) {
      const old = world.collector
      await world.replace()
      await world.until(() => edge.open > 0)
      const flying = edge.exchanges.filter(({ status }) => status === undefined)
      const { code, ms } = await old.stop()
      await world.until(() => flying.every(({ status }) => status !== undefined), 3000)
      world.expect(code === 0 && ms < 10_500, `The old one ended with ${code} after ${ms} ms.`)
      const cut = flying.filter(({ status }) => status !== 202)
      world.expect(cut.length === 0, `${cut.length} of ${flying.length} requests were cut off.`)
    }
    for (const tab of tabs) await tab.halt()
    world.heal()
    await world.settle()
    const bad = edge.exchanges.filter(({ status = 0 }) => status >= 500)
    world.expect(bad.length === 0, `${bad.length} requests were answered ${bad[0]?.status}.`)
  },
  control: { name: 'no draining', without: { collector: 'drain' } },
}

/** Kills the collector the moment that `seen` lets a piece go no further. */
async function killAt(world: World, stop: typeof carriesBatches): Promise<boolean> {
  let seen = false
  world.line.rule = (piece) => {
    if (!seen && !stop(piece)) return 'pass'
    seen = true
    return 'held'
  }
  const came = await world.until(() => seen)
  // Whoever acknowledges first has done so by now.
  await world.sleep(200)
  await world.collector.kill()
  world.line.rule = () => 'pass'
  await world.replace()
  return came
}

export const killedBetween: Case = {
  number: 27,
  name: 'SIGKILL between read and commit, and between commit and ack',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    for (const stop of [carriesBatches, carriesAnswer]) {
      await tab.track(20)
      world.expect(await killAt(world, stop), 'Nothing was being committed.')
    }
    world.heal()
    await world.settle()
  },
  control: ackFirst,
}

export const restartLoop: Case = {
  number: 28,
  name: 'the collector is killed four times in a row',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(100)
    for (let kill = 0; kill < 4; kill++)
      world.expect(await killAt(world, carriesBatches), 'Nothing was being committed.')
    await tab.halt()
    world.heal()
    await world.settle()
  },
  control: ackFirst,
}

export const twoInstances: Case = {
  number: 32,
  name: 'every batch reaches two instances at once',
  async run(world) {
    const second = await world.another()
    world.edge.fate = () => ({ also: second.port })
    const tabs = await Promise.all([1, 2].map(async () => (await world.visitor()).open()))
    for (const tab of tabs) await tab.stream(50)
    await world.sleep(4000)
    for (const tab of tabs) await tab.halt()
    await world.settle()
    const all = world.ledger.accepted.size
    let twice = 0
    // The copies may still be on their way to the other one when the first have all arrived.
    for (let i = 0; i < 40 && twice < all; i++) {
      const [again] = await world.ask(
        `select sum(events) as events from nunchi.sdk_drops where reason in ('retransmit', 'duplicate')`,
      )
      twice = Number(again?.['events'])
      await world.sleep(250)
    }
    world.expect(twice === all, `${twice} events came twice, of ${all}.`)
  },
  control: { name: 'no unique key', without: withoutKey },
}
