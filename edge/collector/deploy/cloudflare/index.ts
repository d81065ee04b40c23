/** Runs the collector on Cloudflare Workers, over Hyperdrive or any Postgres that the Worker can reach. */
import connect from 'postgres'
import { type Collector, createCollector } from '../../src/app.ts'
import { everything } from '../../src/everything.ts'
import { matchPeople } from '../../src/jobs/match.ts'
import { makePartitions } from '../../src/jobs/partitions.ts'
import { processQueue } from '../../src/jobs/process.ts'
import { prune } from '../../src/jobs/prune.ts'
import { runRamps } from '../../src/jobs/ramp.ts'
import { refreshRecommendations } from '../../src/jobs/refresh.ts'
import { prepareResults } from '../../src/jobs/results.ts'
import { retain } from '../../src/jobs/retention.ts'
import { recommendationTraining } from '../../src/jobs/train.ts'
import { createLog } from '../../src/log.ts'
import { postgres } from '../../src/storage/postgres.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { workerSettings } from './settings.ts'

interface WorkerEnv {
  /** The Hyperdrive binding of wrangler.jsonc. */
  HYPERDRIVE?: { connectionString: string }
  /** A Postgres address, where there is no Hyperdrive; a secret. */
  DATABASE_URL?: string
}

interface WorkerContext {
  waitUntil(work: Promise<unknown>): void
}

// The first of the triggers in wrangler.jsonc.
const everyMinute = '* * * * *'
// Cloudflare ends work behind an answer after 30 s; the cron rings again after 60 s.
const [behindMs, cronMs] = [10_000, 40_000]
// What else has no end of its own is given up, or left for the next night.
const budgetMs = 10_000

// What console writes is the Worker's log.
const log = createLog((line) => console.log(line), 'info')

// A Worker's requests share no connection and no timer, so each commits alone; keys and limits are shared.
// Cloudflare overwrites its country header, whatever the client sends.
function collectorOf(env: WorkerEnv): Collector {
  const settings = workerSettings(env, log)
  return createCollector({ use: everything(), groupCommitMs: 0, country: 'cloudflare', ...settings })
}

// Variables stay what they are as long as this module lives, and are told with the first request.
let collector: Collector | undefined
// Kept from night to night where the module lives so long: a training that was given up goes on.
const training = recommendationTraining(log)

/** Nothing outlives a request: no prepared statements, no question for the types. */
function open({ HYPERDRIVE, DATABASE_URL }: WorkerEnv): Storage {
  const url = HYPERDRIVE?.connectionString ?? DATABASE_URL
  if (!url) throw new Error('Bind a Hyperdrive as HYPERDRIVE, or set the secret DATABASE_URL.')
  return postgres(connect(url, { max: 1, prepare: false, fetch_types: false }))
}

/** What a collector that lives long does beside requests. @returns whether all of it succeeded */
async function refresh(storage: Storage): Promise<boolean> {
  const ramped = await runRamps(storage, log)
  const summed = await prepareResults(storage, log, { budgetMs })
  const learned = await refreshRecommendations(storage, log, { budgetMs })
  const matched = await matchPeople(storage, log)
  return ramped && summed && learned && matched
}

/** What a database needs once a day. @returns whether all of it succeeded */
const keep = async (storage: Storage): Promise<boolean> =>
  (await makePartitions(storage, log)) &&
  (await prune(storage, log)) &&
  (await retain(storage, log)) &&
  (await training.run(storage, { budgetMs: cronMs })).state !== 'failed'

/** Processes what was just stored; what is left of it, the next one does, or the cron. */
async function finish(answering: Promise<Response>, method: string, storage: Storage): Promise<void> {
  try {
    const { ok } = await answering
    if (method === 'POST' && ok) await processQueue(storage, log, { budgetMs: behindMs })
  } finally {
    await storage.close()
  }
}

export default {
  /** Answers a request with a database client of its own. */
  async fetch(request: Request, env: WorkerEnv, context: WorkerContext): Promise<Response> {
    const storage = open(env)
    // Cloudflare sets this header itself, whatever the client sends.
    const remoteAddress = request.headers.get('cf-connecting-ip') ?? undefined
    collector ??= collectorOf(env)
    const answering = collector.fetch(request, { storage, remoteAddress })
    // Cloudflare drops what runs for a client who went away, as pages do that send while they close. What is waited for
    // is done to its end all the same.
    context.waitUntil(finish(answering, request.method, storage))
    return answering
  },

  /**
   * What the cron triggers of wrangler.jsonc call: each minute what waits in the queue is processed, and what rests on it
   * is brought up to date; at night the coming months are made, what is done and old is taken away, and recommendations
   * are learned anew.
   */
  async scheduled({ cron }: { cron: string }, env: WorkerEnv): Promise<void> {
    const storage = open(env)
    const { rows, done } = await processQueue(storage, log, { budgetMs: cronMs })
    const kept = cron === everyMinute ? await refresh(storage) : await keep(storage)
    await storage.close()
    // So that Cloudflare counts the run as failed; the next one tries again.
    if (!kept || (!done && rows === 0)) throw new Error('A job failed; the log says which and why.')
  },
}
