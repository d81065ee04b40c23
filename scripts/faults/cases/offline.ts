/** A day without network: ten thousand events, a closed tab, and the next visit. */
import type { Case } from '../case.ts'
import type { World } from '../rig/world.ts'

const day = 86_400_000
const rounds = 20

/** The ids that ordinary requests carried, in their order. */
const sentIds = ({ edge }: World): string[] =>
  edge.exchanges
    .filter(({ beacon, status }) => !beacon && status === 202)
    .flatMap(({ body }) => (JSON.parse(body()) as { events: { id: string }[] }).events.map(({ id }) => id))

export const offlineDay: Case = {
  number: 4,
  name: 'offline for 24 h with 10,000 events, then a new visit',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await visitor.context.setOffline(true)
    for (let round = 0; round < rounds; round++) {
      await tab.clock((round * day) / rounds - day)
      await tab.track(10_000 / rounds)
    }
    await tab.close()
    await world.until(() => visitor.context.pages().length === 0)
    await visitor.context.setOffline(false)
    world.heal()
    await visitor.open()
    await world.settle()
    const ids = sentIds(world)
    world.expect(ids.length >= 10_000, `Only ${ids.length} ids were acknowledged.`)
    world.expect(ids.join() === ids.toSorted().join(), 'They did not arrive in their order.')
    world.expect(world.edge.crowd === 1, `${world.edge.crowd} requests were open at once.`)
    world.expect(world.edge.exchanges.length < 80, `It took ${world.edge.exchanges.length} requests.`)
  },
  control: { name: 'no write-ahead', without: { page: 'disk' } },
}
