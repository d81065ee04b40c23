/** The real collector over a real Postgres, and what its table holds. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addKey } from '../../../../edge/cli/src/keys.ts'
import { localCollector } from '../../../../edge/cli/src/local/collector.ts'
import { serveCollector } from '../../../../edge/collector/deploy/node/index.ts'
import { embeddedBin, systemBin } from '../../../../scripts/lib/postgres-binaries.ts'
import { startPostgres } from '../../../../scripts/lib/postgres-server.ts'
import type { Target } from './target.ts'

/** A collector that many scenarios share, each with a project of its own. */
export interface RealCollector {
  /** The database below it. */
  label: string
  /** Makes a project: a target that sees only its own rows. */
  project(name: string): Promise<Target>
  close(): Promise<void>
}

const environment = 'development'

/** Starts one, on PGlite where the machine has no Postgres. */
export async function startCollector(): Promise<RealCollector> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-data-'))
  const bin = systemBin() ?? embeddedBin()
  const cluster = bin ? await startPostgres(bin) : undefined
  process.env['DATABASE_URL'] = cluster?.url ?? ''
  delete process.env['NUNCHI_MIGRATE_URL']
  const log = (line: string) => console.error(line)
  const options = { data: folder, project: 'bench', onStep: () => {}, log }
  const { collector, database, close } = await localCollector(options)
  const serving = await serveCollector({ collector, port: 0 })
  const { query } = database.session

  return {
    label: bin ? execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim() : 'PGlite',
    async project(name) {
      const { projectId } = await database.owner.call<{ projectId: string }>('create_project', { name })
      const { key } = await addKey(database.owner, { projectId, environment, kind: 'pub' })
      return {
        port: Number(new URL(serving.url).port),
        key,
        async seen() {
          const rows = await query(
            `select trim(both '~' from properties ->> 'marker') as marker, count(*)::int as rows
             from nunchi.analytics_events where project_id = $1::uuid group by 1`,
            [projectId],
          )
          return new Map(rows.map((row) => [String(row['marker']), Number(row['rows'])]))
        },
        async again() {
          const rows = await query(
            `select coalesce(sum(events), 0)::int as events from nunchi.sdk_drops
             where project_id = $1::uuid and reason = 'retransmit'`,
            [projectId],
          )
          return Number(rows[0]?.['events'])
        },
        close: async () => {},
      }
    },
    async close() {
      await serving.close(0)
      await close()
      await cluster?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
