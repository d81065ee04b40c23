/** Errors of Postgres that pass by themselves: serialization, deadlock, lock wait, statement timeout. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../case.ts'
import type { World } from '../rig/world.ts'

/** The next two commits fail as two transactions that cannot both be. */
const unserializable = `set role nunchi_owner;
  create sequence nunchi.faults;
  create function nunchi.fault() returns trigger language plpgsql as $$ begin
    if nextval('nunchi.faults') <= 2 then raise serialization_failure; end if;
    return new;
  end $$;
  create trigger fault before insert on nunchi.event_processing_queue
    for each statement execute function nunchi.fault()`

/** Holds one table, waits until ingest holds the other and waits for this one, then wants that: ingest loses. */
async function deadlock({ cluster, database }: World): Promise<void> {
  const client = cluster.connect(database)
  // Whoever looks first is the one that gives up: not this one.
  await client.unsafe(`set deadlock_timeout = '60s'; begin`)
  await client.unsafe('lock table nunchi.event_processing_queue in access exclusive mode')
  await sleep(700)
  await client.unsafe('lock table nunchi.analytics_events in access exclusive mode')
  await client.unsafe('rollback')
  await client.end({ timeout: 1 })
}

/** Holds the events' table for so long, in ms. */
async function hold({ cluster, database }: World, ms: number): Promise<void> {
  const client = cluster.connect(database)
  await client.unsafe('begin; lock table nunchi.analytics_events in access exclusive mode')
  await sleep(ms)
  await client.unsafe('rollback')
  await client.end({ timeout: 1 })
}

async function limit(world: World, settings: string): Promise<void> {
  await world.ask(`alter role nunchi_app in database ${world.database} set ${settings}`)
  await world.collector.kill()
  await world.replace()
}

export const passingErrors: Case = {
  number: 38,
  name: 'serialization failure, deadlock, lock wait, statement timeout',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(100)
    await world.ask(unserializable)
    const passed = async () => {
      const [row] = await world.ask('select last_value::int as tries from nunchi.faults')
      return Number(row?.['tries']) > 2
    }
    world.expect(await world.until(passed, 15_000), 'A serialization failure was not tried again.')
    await deadlock(world)
    const deadlocks = async () => {
      const [row] = await world.ask(
        'select deadlocks::int from pg_stat_database where datname = current_database()',
      )
      return Number(row?.['deadlocks']) > 0
    }
    world.expect(await world.until(deadlocks, 5000), 'There was no deadlock.')
    await limit(world, `lock_timeout = '300ms'`)
    await hold(world, 2500)
    await limit(world, `statement_timeout = '300ms'`)
    await hold(world, 2500)
    await tab.halt()
    world.heal()
    await world.settle()
    const failed = world.edge.exchanges.filter(({ status = 202 }) => status !== 202)
    world.expect(
      failed.every(({ status }) => status === 503),
      `It answered ${failed[0]?.status}.`,
    )
  },
  control: { name: 'ack before commit', without: { collector: 'commit' } },
}
