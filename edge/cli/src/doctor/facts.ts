/** Collects what `doctor` judges, from both connections. */
import { loadSql } from '@nunchi/collector/node'
import type { Database } from '../database/open.ts'
import { transactionPooled } from '../database/pool-mode.ts'
import { readQuality } from '../quality.ts'
import type { ConfigState } from './judge-config.ts'
import type { ProjectQuality, QueueState, ReaderFacts } from './judge-data.ts'
import { type InsightsFacts, insightsFacts } from './judge-insights.ts'

/** Properties of a database role. */
export interface Role {
  login: boolean
  inherit: boolean
  superuser: boolean
  bypassRls: boolean
}

/** What `nunchi.doctor` answers. */
export interface DatabaseFacts {
  serverVersion: string
  serverVersionNumber: number
  schemaVersion: number | null
  roles: { [name: string]: Role | undefined }
  /** Tables that the collector's login could read or write itself. */
  appReadsTables: string[]
  tablesWithoutForcedRls: string[]
  partitions: { names: string[]; monthsAhead: number }
  /** Counted up to 10,000. */
  defaultRows: number
}

/** All facts. */
export interface Facts extends DatabaseFacts {
  /** Who the collector logs in as, and how its commits are kept. */
  serving: {
    name: string
    superuser: boolean
    bypassRls: boolean
    synchronousCommit: string
    /** Whether the server is Supabase's. */
    supabase: boolean
  }
  /** The newest migration that this program knows. */
  codeVersion: number
  /** The database's clock minus ours, in ms, give or take half of `roundTripMs`. */
  clockMs: number
  roundTripMs: number
  /** What was named: a folder, one address for all, or one that serves and one that administers. */
  kind: 'folder' | 'one-url' | 'two-urls'
  transactionPool: boolean
  /** Whether what is merely unwise in development is refused. */
  production: boolean
  queueState: QueueState
  readers: ReaderFacts[]
  /** The first twenty projects. */
  projects: ProjectQuality[]
  configs: ConfigState[]
  insights: InsightsFacts
}

interface ListedEnvironment {
  environment: string
  revokedAt: unknown
}

/** A folder is for development whatever its keys say; a Postgres with a production key in force is production. */
async function isProduction({ owner, urls }: Database, said: boolean | undefined): Promise<boolean> {
  if (said !== undefined) return said
  if (process.env['NODE_ENV'] === 'production') return true
  if (!urls) return false
  const keys = await owner.call<ListedEnvironment[]>('list_keys', {})
  return keys.some(({ environment, revokedAt }) => environment === 'production' && revokedAt === null)
}

async function clock({ owner }: Database): Promise<{ clockMs: number; roundTripMs: number }> {
  const asked = Date.now()
  const { now } = await owner.call<{ now: number }>('health', {})
  const roundTripMs = Date.now() - asked
  return { clockMs: Math.round(now - asked - roundTripMs / 2), roundTripMs }
}

async function qualities({ owner }: Database): Promise<ProjectQuality[]> {
  const projects = await owner.call<{ projectId: string; name: string }[]>('list_projects', {})
  const found: ProjectQuality[] = []
  for (const { projectId, name } of projects.slice(0, 20))
    found.push({ project: name, quality: await readQuality(owner, projectId) })
  return found
}

/**
 * Asks everything.
 *
 * @param production what the command line says about it, if it says anything
 */
export async function collectFacts(database: Database, production: boolean | undefined): Promise<Facts> {
  const { owner, serving, urls } = database
  const facts = await owner.call<DatabaseFacts>('doctor', {})
  const [login] = await serving.query(
    `select rolname::text as name, rolsuper as superuser, rolbypassrls as "bypassRls",
       current_setting('synchronous_commit') as "synchronousCommit",
       exists (select from pg_catalog.pg_roles where rolname = 'supabase_admin') as supabase
     from pg_catalog.pg_roles where rolname = session_user`,
  )
  return {
    ...facts,
    serving: login as unknown as Facts['serving'],
    codeVersion: loadSql().migrations.at(-1)?.version ?? 0,
    ...(await clock(database)),
    kind: urls ? (urls.one ? 'one-url' : 'two-urls') : 'folder',
    transactionPool: urls ? await transactionPooled(urls.serve) : false,
    production: await isProduction(database, production),
    queueState: await owner.call<QueueState>('queue_state', {}),
    readers: await owner.call<ReaderFacts[]>('list_readers', {}),
    projects: await qualities(database),
    configs: await owner.call<ConfigState[]>('config_states', {}),
    insights: await insightsFacts(database),
  }
}
