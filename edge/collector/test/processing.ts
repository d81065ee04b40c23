/** What the tests of processing stand on: projects that send events, and what processing made of them. */
import type { Event } from '@nunchi/protocol'
import type { Storage } from '../src/storage/storage.ts'
import { newId } from './rig.ts'

/** A database as tests of processing see it: PGlite or a server. */
export interface Ground {
  app: Storage
  owner: Storage
  /** Runs one statement as a superuser. */
  query(text: string): Promise<Record<string, unknown>[]>
}

/** A project with one key. */
export interface Sender {
  projectId: string
  keyHash: string
  /** Stores events by one call of `ingest`: one queue row. `receivedAt` is also when they were sent. */
  send(events: Event[], more?: { receivedAt?: number; context?: object }): Promise<void>
}

/** Makes a project and its key. */
export async function addSender(
  { app, owner }: Ground,
  more: { timezone?: string; internal?: boolean; kind?: 'pub' | 'srv' } = {},
): Promise<Sender> {
  const { timezone = 'UTC', internal = false, kind = 'srv' } = more
  const { projectId } = await owner.call<{ projectId: string }>('create_project', { name: newId(), timezone })
  const keyHash = (newId() + newId()).replaceAll('-', '')
  const environment = 'production'
  await owner.call('create_key', { projectId, environment, kind, hash: keyHash, hint: 'x', internal })
  return {
    projectId,
    keyHash,
    async send(events, { receivedAt = Date.now(), context = {} } = {}) {
      const batch = { batch: newId(), keyHash, receivedAt, sentAt: receivedAt, context }
      await app.call('ingest', { batches: [{ ...batch, dropped: {}, events, rejects: [] }] })
    },
  }
}

/** Processes until nothing is left to do, `rows` queue rows at a time. */
export async function drain({ app }: Pick<Ground, 'app'>, rows = 500): Promise<void> {
  for (let more = true; more; ) {
    const claim = await app.call<{ rows: number; failed: number }>('process', { rows })
    more = claim.rows > 0 || claim.failed > 0
  }
}

const tables = {
  identities: '*',
  aliases: '*',
  traits: '*',
  sessions: '*',
  daily_visitors: '*',
  experiment_assignments: '*',
  experiment_conversions: '*',
  minute_visitors: '*',
  rollup_days: 'environment, day, kind, name, sum(events) as events, trim_scale(sum(amount)) as amount',
  rollup_minutes: 'environment, minute, kind, name, sum(events) as events, trim_scale(sum(amount)) as amount',
}

/** All that processing wrote of a project, table by table, in one order, whatever the shard. */
export async function derived(
  { query }: Pick<Ground, 'query'>,
  projectId: string,
): Promise<Record<string, string[]>> {
  const result: Record<string, string[]> = {}
  for (const [table, columns] of Object.entries(tables)) {
    const grouped = columns === '*' ? '' : ' group by 1, 2, 3, 4'
    const rows = await query(
      `select (to_jsonb(t) - 'project_id')::text as row from (select ${columns} from nunchi.${table}
        where project_id = '${projectId}'${grouped}) t order by 1`,
    )
    result[table] = rows.map(({ row }) => row as string)
  }
  return result
}

/** What `nunchi.recount` answers for one project. */
export interface Recounted {
  events: number
  waiting: number
  differences: number
  rows: { area: string; place: string; expected: string; found: string }[]
}

/** Compares a project with its raw events. */
export async function recount({ owner }: Pick<Ground, 'owner'>, args: object): Promise<Recounted> {
  const [one] = await owner.call<Recounted[]>('recount', args)
  if (!one) throw new Error('There is no such project.')
  return one
}
