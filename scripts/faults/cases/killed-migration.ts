/** A migration that is killed half-way under traffic, while two more runners wait. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Case } from '../case.ts'
import type { World } from '../rig/world.ts'

const program = join(import.meta.dirname, '../variants/migrate.ts')

const names = ['first', 'second', 'third']

/** Starts a runner; without a transaction where the control says so. */
function startRunner({ path, without }: World, name: string): { child: ChildProcess; end: Promise<unknown> } {
  const url = Object.assign(new URL(path), { username: 'postgres', password: 'postgres' })
  const words = [program, url.href, name, without?.play ?? '']
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'ignore', without ? 'ignore' : 'inherit'],
  })
  return { child, end: once(child, 'exit').then(([code]) => code) }
}

export const killedMigration: Case = {
  number: 41,
  name: 'a migration is killed half-way under traffic, while two more runners wait',
  async run(world) {
    const visitor = await world.visitor()
    const tab = await visitor.open()
    await tab.stream(60)
    const state = async (query: string) => world.ask(query, [world.database])
    const working = async () => {
      const query = `select application_name as name from pg_stat_activity
        where datname = $1 and wait_event = 'PgSleep' and application_name = any('{${names}}')`
      return names.indexOf(String((await state(query))[0]?.['name']))
    }
    const waiting = () =>
      state(`select from pg_locks l join pg_database d on d.oid = l.database
        where datname = $1 and locktype = 'advisory' and not granted`)
    const runners = names.map((name) => startRunner(world, name))
    world.expect(await world.until(async () => (await working()) >= 0), 'No migration was half-way.')
    const waited = await world.until(async () => (await waiting()).length === 2, 3000)
    world.expect(waited, 'The others did not wait.')
    const first = Math.max(0, await working())
    runners[first]?.child.kill('SIGKILL')
    const ends = await Promise.all(runners.map(({ end }) => end))
    ends.splice(first, 1)
    world.expect(
      ends.every((code) => code === 0),
      `The others ended with ${ends.join(' and ')}.`,
    )
    const [done] = await world.ask(
      `select count(*) as n from nunchi.schema_migrations where name = 'next'
       and exists (select from information_schema.columns where column_name = 'half_way')`,
    )
    world.expect(Number(done?.['n']) === 1, 'The migration is not applied once.')
    await tab.halt()
    world.heal()
    await world.settle()
  },
  control: { name: 'no transaction', without: { play: 'no-transaction' } },
}
