/** Visitors who change their mind, or who they are, while events are on their way. */
import type { Case } from '../case.ts'

export const revokedConsent: Case = {
  number: 23,
  name: 'consent is revoked while a batch is on its way',
  async run(world) {
    const { edge, ledger } = world
    const visitor = await world.visitor()
    const tab = await visitor.open({ consent: true })
    edge.fate = () => ({ delay: 400 })
    const before = await tab.track(10)
    await world.until(() => edge.open > 0)
    await tab.page.evaluate(() => window.faults.client.consent?.deny())
    ledger.withdraw(before.durable)
    const sent = edge.exchanges.length
    const { durable } = await tab.track(10)
    await world.sleep(2500)
    world.expect(durable.length === 0, 'An event was kept after consent was revoked.')
    world.expect(edge.exchanges.length === sent, 'Something was sent after consent was revoked.')
    const left = await tab.page.evaluate(async () => [
      ...(await indexedDB.databases()).map(({ name }) => name),
      ...Object.keys(localStorage),
    ])
    world.expect(left.length === 0, `The device still holds ${left.join(', ')}.`)
    edge.fate = () => undefined
    await tab.page.evaluate(() => window.faults.client.consent?.grant())
    world.heal()
    await tab.track(5)
    await world.settle()
  },
  control: { name: 'nothing is wiped', without: { page: 'wipe' } },
}

export const revokedRequest: Case = {
  number: 23,
  name: 'the request under way when consent is revoked',
  async run(world) {
    const { edge, ledger } = world
    const visitor = await world.visitor()
    const tab = await visitor.open({ consent: true })
    edge.fate = () => ({ request: 'held' })
    const before = await tab.track(10)
    await world.until(() => edge.open > 0)
    await tab.page.evaluate(() => window.faults.client.consent?.deny())
    ledger.withdraw(before.durable)
    const given = await world.until(() => edge.exchanges[0]?.abandoned, 5_000)
    world.expect(given, 'The request under way went on after consent was revoked.')
    edge.fate = () => undefined
    await tab.page.evaluate(() => window.faults.client.consent?.grant())
    world.heal()
    await tab.track(5)
    await world.settle()
  },
  control: { name: 'nothing is given up', without: { page: 'abort' } },
}

export const changedIdentity: Case = {
  number: 24,
  name: 'identify() and reset() while events are on their way',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    world.edge.fate = () => ({ delay: 500 })
    await tab.track(5, { prefix: 'stranger' })
    await world.until(() => world.edge.open > 0)
    await tab.page.evaluate(() => window.faults.client.identify('first'))
    await tab.track(5, { prefix: 'first' })
    await tab.page.evaluate(() => window.faults.client.reset())
    await tab.track(5, { prefix: 'nobody' })
    await tab.page.evaluate(() => window.faults.client.identify('second'))
    await tab.track(5, { prefix: 'second' })
    world.heal()
    await world.settle()
    const rows = await world.ask(
      `select split_part(name, '-', 1) as who, array_agg(distinct coalesce(user_id, '')) as users,
         array_agg(distinct anonymous_id) as devices
       from nunchi.analytics_events where type = 'track' group by 1 order by 1`,
    )
    const of = (who: string, what: string) =>
      String(rows.find((row) => row['who'] === who)?.[what as 'users'])
    for (const [who, user] of [
      ['stranger', ''],
      ['first', 'first'],
      ['nobody', ''],
      ['second', 'second'],
    ] as const)
      world.expect(of(who, 'users') === user, `Events of ${who} carry the user ${of(who, 'users')}.`)
    world.expect(of('stranger', 'devices') === of('first', 'devices'), 'identify() made another visitor.')
    world.expect(of('first', 'devices') !== of('nobody', 'devices'), 'reset() made no other visitor.')
  },
  control: { name: 'identity at sending time', without: { page: 'own-identity' } },
}
