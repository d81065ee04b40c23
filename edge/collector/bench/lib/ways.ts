/** Five ways for an event to become a row, to measure what each costs Postgres. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '@nunchi/protocol'
import { postgres } from '../../src/storage/postgres.ts'
import type { BenchDatabase } from './database.ts'
import { context, someBatch, someEvents } from './events.ts'
import { openUmami } from './umami.ts'

/** The ways' names. */
export type WayName = 'nunchi' | 'plain' | 'copy' | 'driver' | 'umami'

/** One way of writing, on a connection of its own. */
export interface Way {
  name: WayName
  says: string
  /** The connection's backend. */
  pid: number
  /** Makes a batch ready, unmeasured; what it gives writes the batch. */
  prepare(size: number): () => Promise<unknown>
  /** The rows that it has written. */
  count(): Promise<number>
}

const columns = `project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id, clock_suspect, internal,
  environment, type, name, tab, sdk, anonymous_id, user_id, session_id, group_id, previous_id, page_url,
  page_referrer, page_title, properties, user_context, experiment_context, personalization_context, context`

const columnNames = columns.split(/,\s+/)

/** A row ready for the table, in the order of its columns. */
function rowOf(
  event: Event,
  { projectId, keyId }: BenchDatabase,
): (string | number | boolean | object | null)[] {
  const time = new Date(event.ts).toISOString()
  const now = new Date().toISOString()
  const { page } = event
  const who = [event.anonymousId, event.userId, event.sessionId, event.groupId, event.previousId]
  const where = [page?.url, page?.referrer, page?.title]
  const what = [event.properties, event.userContext, event.experimentContext, event.personalizationContext]
  const head = [projectId, event.id, time, now, time, 0, event.seq, keyId, false, false, 'production']
  const rest = [event.type, event.name, event.tab, event.sdk, ...who, ...where, ...what, context]
  return [...head, ...rest].map((value) => value ?? null)
}

async function backend(client: ReturnType<BenchDatabase['open']>): Promise<number> {
  const [row] = await client`select pg_backend_pid() as pid`
  return Number(row?.['pid'])
}

async function counter(database: BenchDatabase, table: string): Promise<() => Promise<number>> {
  return async () => {
    const [row] = await database.sql.unsafe(`select count(*)::int as rows from ${table}`)
    return Number(row?.['rows'])
  }
}

/** A table of the same columns without any key or index. */
async function bare(database: BenchDatabase, table: string): Promise<void> {
  await database.sql.unsafe(`create table ${table} (like nunchi.analytics_events)`)
}

async function openNunchi(database: BenchDatabase): Promise<Way> {
  const client = database.open(database.appUrl)
  const storage = postgres(client)
  return {
    name: 'nunchi',
    says: 'nunchi.ingest() through the driver: exactly once, keys, partitions, queue row',
    pid: await backend(client),
    prepare(size) {
      const { id, ...batch } = someBatch(size)
      const more = { keyHash: database.keyHash, receivedAt: Date.now(), rejects: [], dropped: {} }
      return () => storage.call('ingest', { batches: [{ batch: id, ...more, ...batch }] })
    },
    count: await counter(database, 'nunchi.analytics_events'),
  }
}

/** The least that turns the same JSON into the same columns. */
const plainInsert = `insert into bench_plain (${columns})
  select $2::text::uuid, e.id, to_timestamp((e.ts + $3::text::float8) / 1000), $4::text::timestamptz,
    to_timestamp(e.ts / 1000), $3::text::float8, e.seq, $5::text::integer, false, false, 'production', e.type, e.name,
    e.tab, e.sdk, e."anonymousId", e."userId", e."sessionId", e."groupId", e."previousId", e.page ->> 'url',
    e.page ->> 'referrer', e.page ->> 'title', e.properties, e."userContext", e."experimentContext",
    e."personalizationContext", $6::text::jsonb
  from jsonb_to_recordset($1::text::jsonb) as e (id uuid, type text, name text, ts double precision, tab text,
    seq bigint, "userId" text, "anonymousId" text, "sessionId" text, "groupId" text, "previousId" text, page jsonb,
    sdk text, properties jsonb, "userContext" jsonb, "experimentContext" jsonb, "personalizationContext" jsonb)`

async function openPlain(database: BenchDatabase): Promise<Way> {
  const client = database.open()
  await bare(database, 'bench_plain')
  return {
    name: 'plain',
    says: 'one insert of the same JSON into the same columns, no key, no index',
    pid: await backend(client),
    prepare(size) {
      const { projectId, keyId } = database
      const events = JSON.stringify(someEvents(size))
      const args = [events, projectId, '0', new Date().toISOString(), String(keyId), JSON.stringify(context)]
      return () => client.unsafe(plainInsert, args, { prepare: true })
    },
    count: await counter(database, 'bench_plain'),
  }
}

/** A value as COPY's text format has it. */
function copyText(value: unknown): string {
  if (value === null) return '\\N'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n')
}

async function openCopy(database: BenchDatabase): Promise<Way> {
  const client = database.open()
  await bare(database, 'bench_copy')
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-copy-'))
  // The server reads the files as a user of its own.
  chmodSync(folder, 0o755)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  let files = 0
  return {
    name: 'copy',
    says: 'server-side COPY from a file of ready rows, no key, no index',
    pid: await backend(client),
    prepare(size) {
      const file = join(folder, `${files++}.txt`)
      const lines = someEvents(size).map((event) => rowOf(event, database).map(copyText).join('\t'))
      writeFileSync(file, `${lines.join('\n')}\n`)
      return () => client.unsafe(`copy bench_copy (${columns}) from '${file}'`)
    },
    count: await counter(database, 'bench_copy'),
  }
}

async function openDriver(database: BenchDatabase): Promise<Way> {
  const client = database.open()
  await bare(database, 'bench_driver')
  return {
    name: 'driver',
    says: "the driver's own insert of many rows, a parameter a value, no key, no index",
    pid: await backend(client),
    prepare(size) {
      const rows = someEvents(size).map((event) =>
        Object.fromEntries(rowOf(event, database).map((value, i) => [columnNames[i]!, value])),
      )
      return async () =>
        client`insert into bench_driver ${client(rows as object[], ...(columnNames as never[]))}`
    },
    count: await counter(database, 'bench_driver'),
  }
}

/** Opens all of them. */
export async function openWays(database: BenchDatabase): Promise<Way[]> {
  const umami = await openUmami(database)
  return [
    await openNunchi(database),
    await openPlain(database),
    await openCopy(database),
    await openDriver(database),
    { ...umami, pid: await backend(umami.client), count: await counter(database, 'bench_website_event') },
  ]
}
