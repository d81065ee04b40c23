/** Runs the collector on Cloudflare Workers, over Hyperdrive or any Postgres that the Worker can reach. */
import connect from 'postgres'
import { createCollector } from '../../src/app.ts'
import { everything } from '../../src/everything.ts'
import { makePartitions } from '../../src/jobs/partitions.ts'
import { createLog } from '../../src/log.ts'
import { postgres } from '../../src/storage/postgres.ts'
import type { Storage } from '../../src/storage/storage.ts'

interface WorkerEnv {
  /** The Hyperdrive binding of wrangler.jsonc. */
  HYPERDRIVE?: { connectionString: string }
  /** A Postgres address, where there is no Hyperdrive; a secret. */
  DATABASE_URL?: string
}

interface WorkerContext {
  waitUntil(work: Promise<unknown>): void
}

// A Worker's requests share no connection and no timer, so each commits alone; keys and limits are shared.
// Cloudflare overwrites its country header, whatever the client sends.
const collector = createCollector({ use: everything(), groupCommitMs: 0, country: 'cloudflare' })

// What console writes is the Worker's log.
const log = createLog((line) => console.log(line), 'info')

/** Nothing outlives a request: no prepared statements, no question for the types. */
function open({ HYPERDRIVE, DATABASE_URL }: WorkerEnv): Storage {
  const url = HYPERDRIVE?.connectionString ?? DATABASE_URL
  if (!url) throw new Error('Bind a Hyperdrive as HYPERDRIVE, or set the secret DATABASE_URL.')
  return postgres(connect(url, { max: 1, prepare: false, fetch_types: false }))
}

export default {
  /** Answers a request with a database client of its own. */
  async fetch(request: Request, env: WorkerEnv, context: WorkerContext): Promise<Response> {
    const storage = open(env)
    // Cloudflare sets this header itself, whatever the client sends.
    const remoteAddress = request.headers.get('cf-connecting-ip') ?? undefined
    try {
      return await collector.fetch(request, { storage, remoteAddress })
    } finally {
      context.waitUntil(storage.close())
    }
  },

  /** What the cron trigger of wrangler.jsonc calls: makes the coming months of the events table. */
  async scheduled(_event: unknown, env: WorkerEnv): Promise<void> {
    const storage = open(env)
    const done = await makePartitions(storage, log)
    await storage.close()
    // So that Cloudflare counts the run as failed; the next one tries again.
    if (!done) throw new Error('The coming months of the events table could not be made; the log says why.')
  },
}
