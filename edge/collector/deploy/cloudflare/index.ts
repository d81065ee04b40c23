/** Runs the collector on Cloudflare Workers, over Hyperdrive or any Postgres that the Worker can reach. */
import connect from 'postgres'
import { createCollector } from '../../src/app.ts'
import { everything } from '../../src/everything.ts'
import { postgres } from '../../src/storage/postgres.ts'

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
const collector = createCollector({ use: everything(), groupCommitMs: 0 })

export default {
  /** Answers a request with a database client of its own. */
  async fetch(request: Request, env: WorkerEnv, context: WorkerContext): Promise<Response> {
    const url = env.HYPERDRIVE?.connectionString ?? env.DATABASE_URL
    if (!url) throw new Error('Bind a Hyperdrive as HYPERDRIVE, or set the secret DATABASE_URL.')
    // Nothing outlives a request: no prepared statements, no question for the types.
    const storage = postgres(connect(url, { max: 1, prepare: false, fetch_types: false }))
    // Cloudflare sets this header itself, whatever the client sends.
    const remoteAddress = request.headers.get('cf-connecting-ip') ?? undefined
    try {
      return await collector.fetch(request, { storage, remoteAddress })
    } finally {
      context.waitUntil(storage.close())
    }
  },
}
