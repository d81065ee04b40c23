/** What a collector that lives long does beside requests: each job by itself, so that none waits for another. */
import type { Services } from './env.ts'
import { matchPeople } from './jobs/match.ts'
import { runRamps } from './jobs/ramp.ts'
import { refreshRecommendations } from './jobs/refresh.ts'
import { prepareResults } from './jobs/results.ts'
import type { Storage } from './storage/storage.ts'
import { startWorker } from './worker.ts'

/** One job. */
export interface BackgroundJob {
  /** Works until nothing is left; answers whether it got there. Must not reject. */
  run(): Promise<boolean>
  /** How long after a commit it begins, in ms; absent where commits are nothing to it. */
  wakeMs?: number
  /** How long it rests in any case, in ms. */
  idleMs: number
}

/** Starts jobs. `close` starts nothing more, and waits for what runs. */
export function startBackground(jobs: readonly BackgroundJob[]): { wake(): void; close(): Promise<void> } {
  const workers = jobs.map(({ run, wakeMs, idleMs }) => ({
    woken: wakeMs !== undefined,
    worker: startWorker({ run, wakeMs: wakeMs ?? idleMs, idleMs }),
  }))
  return {
    wake() {
      for (const { woken, worker } of workers) if (woken) worker.wake()
    },
    async close() {
      await Promise.all(workers.map(({ worker }) => worker.close()))
    },
  }
}

/** How long after a commit, in ms: what lists are made of, soon; the sums of results, which nobody reads by the second. */
const refreshMs = 500
const resultsMs = 10_000
/** How often ramps that are due are asked for, and whether people are to be matched anew, in ms. */
const rampMs = 30_000
const matchMs = 60_000

/** The jobs beside processing. */
export function slowJobs(
  { log, options }: Services,
  storage: Storage,
  { idleMs, stopped }: { idleMs: number; stopped: () => boolean },
): BackgroundJob[] {
  return [
    { run: () => refreshRecommendations(storage, log, { stopped }), wakeMs: refreshMs, idleMs },
    { run: () => prepareResults(storage, log, { stopped }), wakeMs: resultsMs, idleMs },
    { run: () => runRamps(storage, log, { onRamp: options.onRamp }), idleMs: rampMs },
    { run: () => matchPeople(storage, log), idleMs: matchMs },
  ]
}
