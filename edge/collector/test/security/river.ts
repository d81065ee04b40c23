/** The whole collector over a real schema in PGlite, for tests that send what an attacker would. */

import { createHash } from 'node:crypto'
import type { PGlite } from '@electric-sql/pglite'
import { createKey } from '@nunchi/protocol'
import {
  type Collector,
  type CollectorOptions,
  createCollector,
  everything,
  pglite,
  type Storage,
  type Use,
} from '../../src/index.ts'
import { migratedPglite } from '../migrated-pglite.ts'

/** A collector, its database, and ways to look at both. */
export interface River {
  db: PGlite
  storage: Storage
  owner: Storage
  collector: Collector
  /** A public key of `projectId`. */
  key: string
  projectId: string
  /** The log's lines so far. */
  lines: string[]
  /** Another collector over the same database. */
  another(options?: CollectorOptions & { use?: Use[] }): Collector
  addProject(name: string): Promise<string>
  addKey(project: string, kind?: 'pub' | 'srv', more?: object): Promise<string>
  /** Asks the database as its superuser, whom no policy binds. */
  rows<Row>(query: string, params?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Makes a database, migrates it, and puts a collector before it. */
export async function openRiver(options: CollectorOptions & { use?: Use[] } = {}): Promise<River> {
  const db = await migratedPglite()
  const storage = pglite(db)
  const owner = pglite(db, { role: 'nunchi_owner' })
  const lines: string[] = []
  const collectors: Collector[] = []

  function another(more: CollectorOptions & { use?: Use[] } = {}): Collector {
    const collector = createCollector({
      storage,
      use: everything(),
      rateLimit: false,
      groupCommitMs: 1,
      logLevel: 'debug',
      log: (line) => lines.push(line),
      ...more,
    })
    collectors.push(collector)
    return collector
  }
  const addProject = async (name: string): Promise<string> =>
    (await owner.call<{ projectId: string }>('create_project', { name })).projectId
  const addKey: River['addKey'] = async (projectId, kind = 'pub', more = {}) => {
    const key = createKey(kind)
    const args = { projectId, environment: 'production', kind, hash: sha256(key), hint: key.slice(-4) }
    await owner.call('create_key', { ...args, ...more })
    return key
  }

  const projectId = await addProject('Shop')
  return {
    db,
    storage,
    owner,
    collector: another(options),
    key: await addKey(projectId),
    projectId,
    lines,
    another,
    addProject,
    addKey,
    rows: async <Row>(query: string, params?: unknown[]) => (await db.query<Row>(query, params)).rows,
    async close() {
      for (const collector of collectors) await collector.close()
      await storage.close()
    },
  }
}

/** A request to the events route. */
export function eventsRequest(
  key: string,
  body: string | object,
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Request {
  return new Request(`https://collector.example/v1/events?key=${encodeURIComponent(key)}${query}`, {
    method: 'POST',
    headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  })
}
