/** `POST /v1/jobs/run`: does what a cron would; and the worker that processes events as they are committed. */
import { slowJobs, startBackground } from '../background.ts'
import type { Services, Use } from '../env.ts'
import { matchPeople } from '../jobs/match.ts'
import { makePartitions } from '../jobs/partitions.ts'
import { processQueue } from '../jobs/process.ts'
import { prune } from '../jobs/prune.ts'
import { runRamps } from '../jobs/ramp.ts'
import { refreshRecommendations } from '../jobs/refresh.ts'
import { prepareResults } from '../jobs/results.ts'
import { recommendationTraining, type Training } from '../jobs/train.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { Problem } from '../problem.ts'
import type { Storage } from '../storage/storage.ts'

/** How the queue is processed. */
export interface JobsOptions {
  /**
   * Whether this collector processes events as they are committed. `false` where something else does: a cron, or
   * collectors of their own. A collector without group commit (a Worker) has no worker of its own in any case.
   * @default true
   */
  worker?: boolean
  /**
   * How long after a commit processing begins, in ms, so that several commits share a run.
   * @default 10
   */
  wakeMs?: number
  /**
   * How often the worker looks for what others left behind, in ms.
   * @default 30_000
   */
  idleMs?: number
  /**
   * The longest that `POST /v1/jobs/run` goes on claiming, in ms.
   * @default 20_000
   */
  budgetMs?: number
}

/** What `nunchi.queue_state` says. */
interface QueueState {
  waiting: number
  oldestMs: number
  dead: number
}

/** How often the queue is counted for the metrics, in ms. */
const lookMs = 10_000

/** Counts what processing does. Answers how to note a wait, and how to look at the queue, at most so often. */
function watch({ metrics, options, log }: Services) {
  const queue: QueueState = { waiting: 0, oldestMs: 0, dead: 0 }
  let looked = Number.NEGATIVE_INFINITY
  metrics.gauge('nunchi_queue_rows', 'Queue rows that wait to be processed.', () => queue.waiting)
  metrics.gauge('nunchi_queue_age_seconds', 'Age of the oldest of them.', () => queue.oldestMs / 1000)
  metrics.gauge('nunchi_queue_dead', 'Events that processing gave up.', () => queue.dead)
  const seconds = metrics.histogram(
    'nunchi_processing_seconds',
    'Seconds from the commit of events to that of their effects, by queue row.',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
  )
  return {
    observe: (waitMs: number) => seconds.observe(waitMs / 1000),
    async look(storage: Storage): Promise<void> {
      if (options.now() - looked < lookMs) return
      looked = options.now()
      try {
        Object.assign(queue, await storage.call<QueueState>('queue_state', {}))
      } catch {
        log.debug('the queue could not be counted')
      }
    },
  }
}

/** Starts what goes on beside requests, on the collector's own storage. */
function work(services: Services, storage: Storage, { wakeMs = 10, idleMs = 30_000 }: JobsOptions): void {
  const { observe, look } = watch(services)
  let closing = false
  const stopped = () => closing
  const process = async (): Promise<boolean> => {
    const { done } = await processQueue(storage, services.log, { observe, stopped })
    if (done) await look(storage)
    return done || closing
  }
  const { wake, close } = startBackground([
    { run: process, wakeMs, idleMs },
    ...slowJobs(services, storage, { idleMs, stopped }),
  ])
  services.onCommit(wake)
  services.onClose(() => {
    closing = true
    return close()
  })
}

/**
 * Runs every job once, as a cron does.
 *
 * @throws a 503 where one of them failed; the log says why
 */
async function runJobs(storage: Storage, { log, options }: Services, training: Training, budgetMs: number) {
  const processed = await processQueue(storage, log, { budgetMs })
  const ramped = await runRamps(storage, log, { onRamp: options.onRamp })
  const summed = await prepareResults(storage, log, { budgetMs })
  const learned = await refreshRecommendations(storage, log, { budgetMs })
  const matched = await matchPeople(storage, log)
  const { state } = await training.run(storage, { budgetMs })
  const kept =
    (await makePartitions(storage, log)) &&
    (await prune(storage, log)) &&
    ramped &&
    summed &&
    learned &&
    matched &&
    state !== 'failed'
  if (!kept || (!processed.done && processed.rows === 0))
    throw new Problem('storage_unavailable', {
      retryAfter: 60,
      detail: 'A job failed; the log of the collector says which and why.',
    })
  return { processed }
}

/** Adds the route, for server keys with the scope `jobs:run`, and the worker. */
export function jobs(options: JobsOptions = {}): Use {
  const path = '/v1/jobs/run'
  return (app, services) => {
    const { storage } = services
    // Kept between runs: a training that outlasts one goes on in the next.
    const training = recommendationTraining(services.log)
    // A runtime without group commit lives for one request and may not start timers of its own.
    if (options.worker !== false && storage && services.options.groupCommitMs > 0)
      work(services, storage, options)
    app.use(path, limitClients(services))
    app.post(path, guard(services, { scope: 'jobs:run', pub: false }), limitKeys(services), async (c) =>
      c.json(await runJobs(c.get('storage'), services, training, options.budgetMs ?? 20_000)),
    )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'POST' } })
    })
  }
}
