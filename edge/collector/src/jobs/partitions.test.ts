import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { createLog } from '../log.ts'
import { postgres } from '../storage/postgres.ts'
import { makePartitions } from './partitions.ts'

describePostgres('the job that makes partitions', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase(server)
  })
  afterAll(() => database?.drop())

  const months = async (): Promise<string[]> =>
    (
      await database.sql`select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'nunchi.analytics_events'::regclass and c.relname ~ '[0-9]$' order by 1`
    ).map(({ name }) => name)

  it('brings back a month that is missing, by the rights of the collector alone', async () => {
    const lines: string[] = []
    const log = createLog((line) => lines.push(line), 'info')
    const before = await months()
    await database.sql.unsafe(`drop table nunchi.${before.at(-1)}`)
    expect(await Promise.all([1, 2, 3].map(() => makePartitions(database.app, log)))).toEqual([
      true,
      true,
      true,
    ])
    expect(await months()).toEqual(before)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      message: 'made partitions',
      created: `nunchi.${before.at(-1)}`,
    })
  })

  it('gives up while a reader holds the default partition, warns, and succeeds afterwards', async () => {
    const lines: string[] = []
    const log = createLog((line) => lines.push(line), 'info')
    const before = await months()
    await database.sql.unsafe(`drop table nunchi.${before.at(-1)}`)
    const reader = await database.connect(database.url, { max: 1 }).reserve()
    await reader.unsafe('begin')
    await reader.unsafe('select from nunchi.analytics_events_default')
    const hasty = postgres(database.connect(database.appUrl, { connection: { statement_timeout: 1_000 } }))
    expect(await makePartitions(hasty, log)).toBe(false)
    await reader.unsafe('rollback')
    reader.release()
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'warn',
      error: expect.stringContaining('57014'),
    })
    expect(await makePartitions(database.app, log)).toBe(true)
    expect(await months()).toEqual(before)
  })

  it('cannot be asked for more than two years', async () => {
    await database.app.call('make_partitions', { months: 100_000 })
    const all = await months()
    expect(all.length).toBeLessThan(30)
    await database.app.call('make_partitions', { months: -5 })
    expect(await months()).toEqual(all)
  })
})
