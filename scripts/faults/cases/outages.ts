/** Postgres that restarts, crashes, is full, is read-only, or has too few connections. */
import { rmSync, writeFileSync } from 'node:fs'
import type { Case } from '../case.ts'
import { postAll } from '../rig/raw.ts'
import { diskHint } from '../rig/small-disk.ts'
import type { World } from '../rig/world.ts'

const ackFirst = { name: 'ack before commit', without: { collector: 'commit' } } as const

const backend = async ({ ask, database }: World): Promise<number> => {
  const rows = await ask(
    `select pid from pg_stat_activity where datname = $1 and usename = 'nunchi_app' limit 1`,
    [database],
  )
  return Number(rows[0]?.['pid'])
}

/** Whether the collector wants to be given work. */
async function readiness({ collector }: World): Promise<number> {
  return (await fetch(`http://127.0.0.1:${collector.port}/health/ready`)).status
}

/** Whether each failure told the client when to come again. */
function expectRetryAfter({ edge, expect }: World): void {
  const failed = edge.exchanges.filter(({ status = 202 }) => status !== 202)
  expect(failed.length > 0, 'No request failed: the fault was none.')
  for (const { status, reply } of failed)
    expect(
      status === 503 && /retry-after: \d/i.test(reply?.head ?? ''),
      `The collector answered ${status} without Retry-After.`,
    )
}

export const crashes: Case = {
  number: 35,
  name: 'Postgres restarts, a backend is killed, the server is killed',
  async run(world) {
    const { cluster } = world
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(100)
    await world.sleep(500)
    await cluster.down()
    await world.sleep(1500)
    await cluster.up()
    await world.until(async () => Number.isInteger(await backend(world).catch(() => Number.NaN)))
    process.kill(await backend(world), 'SIGKILL')
    await world.sleep(2000)
    const strike = await cluster.aim()
    await strike()
    await world.sleep(3000)
    await cluster.up()
    world.heal()
    await tab.halt()
    await world.settle()
    expectRetryAfter(world)
  },
  control: ackFirst,
}

export const crashAfterAck: Case = {
  number: 36,
  name: 'Postgres is killed right after an ack',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    for (let round = 0; round < 2; round++) {
      const strike = await world.cluster.aim()
      const acks = () => world.edge.exchanges.filter(({ status }) => status === 202).length
      const before = acks()
      const tracked = tab.track(20)
      await world.until(() => acks() > before)
      await strike()
      await tracked
      await world.cluster.up()
    }
    world.heal()
    await world.settle()
  },
  control: {
    name: 'synchronous_commit = off',
    without: {
      database: `do $$ begin
        execute format('alter database %I set synchronous_commit = off', current_database());
      end $$`,
    },
  },
}

export const fewConnections: Case = {
  number: 37,
  name: 'two connections for 200 requests at once',
  async run(world) {
    await world.ask(`alter database ${world.database} connection limit 2`)
    await world.collector.kill()
    await world.replace()
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(100)
    world.heal()
    const statuses = await postAll(world, 200)
    await tab.halt()
    await world.settle()
    const odd = [...statuses].filter((status) => status !== 202 && status !== 503)
    world.expect(odd.length === 0, `The collector answered ${odd.join(', ')}.`)
  },
  control: ackFirst,
}

export const readOnly: Case = {
  number: 39,
  name: 'Postgres is read-only for a while (failover)',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(100)
    await world.sleep(500)
    const set = async (value: string) => {
      await world.ask(`alter system set default_transaction_read_only = ${value}`)
      await world.ask('select pg_reload_conf()')
    }
    await set('on')
    await world.until(() => world.edge.exchanges.some(({ status }) => status === 503), 8000)
    const ready = await world.until(async () => (await readiness(world)) === 503, 3000)
    world.expect(ready, 'The collector says that it is ready, and can write nothing.')
    await world.sleep(1000)
    await set('off')
    world.heal()
    await tab.halt()
    await world.settle()
    world.expect(
      await world.until(async () => (await readiness(world)) === 200, 10_000),
      'The collector did not become ready again.',
    )
    expectRetryAfter(world)
  },
  control: ackFirst,
}

/** Fills the disk to its last byte. @returns empties it again */
function fill(folder: string): () => void {
  const path = `${folder}/ballast`
  const block = Buffer.alloc(65_536)
  for (const size of [65_536, 4096])
    try {
      for (;;) writeFileSync(path, block.subarray(0, size), { flag: 'a' })
    } catch {
      // Full.
    }
  return () => rmSync(path)
}

export const diskFull: Case = {
  number: 39,
  name: 'the disk of Postgres is full for a while',
  cannot: diskHint,
  smallDisk: true,
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.track(20)
    await world.settle()
    const empty = fill(world.disk ?? '')
    await tab.stream(100, 20)
    await world.until(() => world.edge.exchanges.some(({ status }) => status === 503), 20_000)
    const ready = await world.until(async () => (await readiness(world)) === 503, 3000)
    world.expect(ready, 'The collector says that it is ready, and can write nothing.')
    await world.sleep(2000)
    empty()
    world.heal()
    await tab.halt()
    await world.settle()
    world.expect(
      await world.until(async () => (await readiness(world)) === 200, 10_000),
      'The collector did not become ready again.',
    )
    expectRetryAfter(world)
  },
  control: ackFirst,
}
