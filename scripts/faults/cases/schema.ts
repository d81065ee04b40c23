/** Schemas that change under traffic, lack a partition, or stand behind a pooler. */

import { loadSql } from '../../../edge/collector/deploy/node/sql.ts'
import { migrateDown, migrateUp } from '../../../edge/collector/src/storage/migrate.ts'
import type { SqlSource } from '../../../edge/collector/src/storage/migration.ts'
import { postgresSession } from '../../../edge/collector/src/storage/postgres.ts'
import { findPgbouncer, startPgbouncer } from '../../../edge/collector/test/pgbouncer.ts'
import type { Case } from '../case.ts'
import type { World } from '../rig/world.ts'

/** The schema of a next version: one column more, or (what must not be done) one less. */
function nextVersion(contracting: boolean): SqlSource {
  const source = loadSql()
  const [up, down] = contracting
    ? [`alter table nunchi.analytics_events drop column internal`, 'select 1']
    : [
        `alter table nunchi.analytics_events add column country text;
         create index analytics_events_country on nunchi.analytics_events (project_id, country) where country is not null`,
        'alter table nunchi.analytics_events drop column country',
      ]
  const next = { version: source.migrations.length + 1, name: 'next', up, down }
  return { ...source, migrations: [...source.migrations, next] }
}

/** Somebody reads the table for so long, in ms: the migration has to wait, and all who come after it. */
async function read({ cluster, database, sleep }: World, ms: number): Promise<void> {
  const client = cluster.connect(database)
  await client.unsafe('begin; lock table nunchi.analytics_events in access share mode')
  await sleep(ms)
  await client.unsafe('rollback')
  await client.end({ timeout: 1 })
}

export const migration: Case = {
  number: 40,
  name: 'a migration up and down under traffic, old and new collector',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(60)
    const next = nextVersion(world.without?.play === 'contracting')
    const client = world.cluster.connect(world.database)
    const session = postgresSession(client)
    const reading = read(world, 2500)
    await world.sleep(200)
    await migrateUp(session, next)
    await reading
    const old = world.collector
    await world.sleep(500)
    await world.replace()
    await world.sleep(500)
    await old.stop()
    await migrateDown(session, next, 1)
    await migrateUp(session, loadSql())
    await world.sleep(500)
    await client.end({ timeout: 1 })
    await tab.halt()
    world.heal()
    await world.settle()
    const bad = world.edge.exchanges.filter(({ status = 202 }) => status !== 202)
    world.expect(bad.length === 0, `${bad.length} requests were answered ${bad[0]?.status}.`)
  },
  control: { name: 'contracts at once', without: { play: 'contracting' } },
}

export const missingPartition: Case = {
  number: 42,
  name: 'the partition of this month is missing, later made',
  async run(world) {
    const [month] = await world.ask(`select nunchi.partition_name(date_trunc('month', now(), 'UTC')) as name`)
    await world.ask(`drop table ${month?.['name']}`)
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.track(50)
    await world.settle()
    const waiting = async () => {
      const [row] = await world.ask(`select nunchi.doctor('{}') ->> 'defaultRows' as rows`)
      return Number(row?.['rows'])
    }
    world.expect(
      (await waiting()) === 50,
      `The doctor sees ${await waiting()} rows in the default partition.`,
    )
    await tab.stream(50)
    world.heal()
    const [made] = await world.ask(`select nunchi.make_partitions('{}') ->> 'moved' as moved`)
    await world.sleep(500)
    await tab.halt()
    await world.settle()
    world.expect(Number(made?.['moved']) >= 50, `Only ${made?.['moved']} rows were moved.`)
    world.expect((await waiting()) === 0, 'Rows are left in the default partition.')
  },
  control: {
    name: 'no default partition',
    without: {
      database: 'alter table nunchi.analytics_events detach partition nunchi.analytics_events_default',
    },
  },
}

export const pooler: Case = {
  number: 43,
  name: 'a pooler in transaction mode, restarted under traffic',
  cannot: () => (findPgbouncer() ? undefined : 'there is no pgbouncer (Debian: apt-get install pgbouncer).'),
  async run(world) {
    const superuser = Object.assign(new URL(world.path), { username: 'postgres', password: 'postgres' })
    const start = () => startPgbouncer(findPgbouncer() ?? '', superuser)
    const visitors = await Promise.all([1, 2, 3, 4].map(() => world.visitor()))
    const tabs = await Promise.all(visitors.map((visitor) => visitor.open()))
    for (let round = 0; round < 2; round++) {
      const running = await start()
      await world.collector.kill()
      await world.replace(`${running.through(world.path)}?prepare=false`)
      if (round === 0) for (const tab of tabs) await tab.stream(60)
      await world.sleep(2500)
      if (round === 0) {
        await running.stop()
        await world.sleep(500)
      } else {
        for (const tab of tabs) await tab.halt()
        world.heal()
        await world.settle()
        await running.stop()
      }
    }
  },
  control: { name: 'ack before commit', without: { collector: 'commit' } },
}
