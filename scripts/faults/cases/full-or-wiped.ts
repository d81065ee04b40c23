/** Devices whose storage is full, or is emptied by the browser. */
import type { Case } from '../case.ts'
import type { World } from '../rig/world.ts'

const reason = 'store_full'

/** Ids that say who somebody is, or which variant they saw. */
const keptIds = async ({ ask }: World): Promise<number> => {
  const [row] = await ask(
    `select count(*) as n from nunchi.analytics_events where type = 'identify' or name = 'Experiment Viewed'`,
  )
  return Number(row?.['n'])
}

/** Whether those given up are older than every ordinary event that is stored. */
async function oldestWent({ ask, ledger }: World): Promise<boolean> {
  const [row] = await ask(`select min(id::text) as id from nunchi.analytics_events where name like 'event-%'`)
  const oldest = String(row?.['id'])
  return [...ledger.dropped.keys()].every((id) => id < oldest)
}

export const fullDevice: Case = {
  number: 5,
  name: 'the browser’s quota is used up, with 8 MB more to store',
  async run(world) {
    const { edge, ledger, site } = world
    const visitor = await world.visitor()
    edge.refused = true
    const tab = await visitor.open()
    // Before the first byte: what the browser has once found to be free, it believes for half a minute.
    const devtools = await visitor.context.newCDPSession(tab.page)
    const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin: site.url })
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: usage + 1_000_000 })
    await tab.page.evaluate(() => window.faults.client.identify('somebody'))
    await tab.expose(5)
    for (let round = 0; round < 40; round++) await tab.track(10, { bytes: 20_000, noise: true })
    world.expect(ledger.dropped.size > 0, 'The quota was never used up.')
    await tab.crash()
    edge.refused = false
    world.heal()
    await visitor.open()
    await world.settle()
    const kept = await keptIds(world)
    world.expect(kept === 6, `Of who somebody is and what they saw, ${kept} of 6 events are left.`)
    world.expect(await oldestWent(world), 'Not the oldest were given up.')
    const [told] = await world.ask(`select sum(events) as n from nunchi.sdk_drops where reason = '${reason}'`)
    const dropped = ledger.dropped.size
    world.expect(Number(told?.['n']) === dropped, `${told?.['n']} drops are told of, ${dropped} were made.`)
  },
  control: { name: 'nothing is kept last', without: { page: 'keep' } },
}

export const wipedDevice: Case = {
  number: 8,
  name: 'the browser empties the site’s storage under an open page',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.track(10)
    await world.settle()
    const devtools = await visitor.context.newCDPSession(tab.page)
    await devtools.send('Storage.clearDataForOrigin', { origin: world.site.url, storageTypes: 'all' })
    world.edge.refused = true
    const { durable } = await tab.track(20)
    world.expect(durable.length === 20, `Of 20 events after it, ${durable.length} are durable.`)
    await tab.crash()
    world.edge.refused = false
    world.heal()
    await visitor.open()
    await world.settle()
    const visitors = await world.ask(
      `select count(*) filter (where user_context ->> 'newId' = 'true') as flagged
       from nunchi.analytics_events group by anonymous_id`,
    )
    const flags = visitors.map((row) => Number(row['flagged'])).join()
    world.expect(flags === '1,1', `The new ids are flagged so often: ${flags}.`)
  },
  control: { name: 'no write-ahead', without: { page: 'disk' } },
}
