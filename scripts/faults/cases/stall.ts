/** A collector whose event loop stands still. */
import type { Case } from '../case.ts'

const stall = 5_000

export const stalledLoop: Case = {
  number: 30,
  name: 'the collector stands still for five seconds; a tab crashes meanwhile',
  async run(world) {
    const health = async () => {
      const answer = await fetch(`http://127.0.0.1:${world.collector.port}/health/ready`)
      return { status: answer.status, ...((await answer.json()) as { stalled: boolean }) }
    }
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(60)
    await world.sleep(1000)
    const stalling = world.collector.stall(stall)
    await world.sleep(stall / 2)
    await tab.halt()
    await tab.track(20)
    await tab.crash()
    await stalling
    const { status, stalled } = await health()
    world.expect(status === 503 && stalled, `After it, its health was ${status}, stalled ${stalled}.`)
    const recovered = await world.until(async () => (await health()).status === 200)
    world.expect(recovered, 'It never was ready again.')
    world.heal()
    await visitor.open()
    await world.settle()
  },
  control: { name: 'no write-ahead', without: { page: 'disk' } },
}
