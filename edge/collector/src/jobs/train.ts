/** The job that trains recommendations anew, once a day: in slices, so that a run keeps within its budget. */
import { describeError, type Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { type Catalog, type TrainingProgress, trainCatalog } from '../training/train-catalog.ts'

/** Which catalogs are trained, and when. */
export interface TrainingOptions {
  /** Leaves alone what was trained less long ago, in ms. @default 86_400_000 */
  everyMs?: number
  /** One catalog only. */
  place?: { projectId: string; environment: string }
  /** @default Date.now */
  now?: () => number
}

/** How long one run goes on, and who hears of it. */
export interface TrainingRun {
  /** After so many ms the run stops at the next slice, and the next run goes on there. @default Infinity */
  budgetMs?: number
  /** Hears of every slice. */
  onProgress?: (progress: TrainingProgress) => void
  /** Asked after each slice: `true` ends the run. */
  stopped?: () => boolean
}

/** A training that can be driven in several runs. */
export interface Training {
  /**
   * Goes on where the last run stopped. It never throws: a failure is a warning in the log, and the next run begins anew;
   * what lists were made of before stays until then.
   *
   * @returns how it ended, and how many catalogs were trained in this run
   */
  run(
    storage: Storage,
    options?: TrainingRun,
  ): Promise<{ state: 'done' | 'paused' | 'failed'; trained: number }>
}

/** Catalogs one after another, those first that were trained longest ago. */
async function* trainAll(
  storage: Storage,
  { everyMs = 86_400_000, place, now = Date.now }: TrainingOptions,
): AsyncGenerator<TrainingProgress, void> {
  const all = await storage.call<Catalog[]>('training_catalogs', {})
  const age = ({ models }: Catalog): number => models['cf']?.trainedAt ?? 0
  const due = all
    .filter(
      ({ projectId, environment }) =>
        !place || (place.projectId === projectId && place.environment === environment),
    )
    .filter((catalog) => catalog.interactions > 0 && age(catalog) <= now() - everyMs)
    .sort((a, b) => age(a) - age(b))
  for (const catalog of due) yield* trainCatalog(storage, catalog, now())
}

/**
 * Prepares a training. Any number of processes may train at the same moment: they write the same, each under its own
 * generation, and the last to end is served.
 */
export function recommendationTraining(log: Log, options: TrainingOptions = {}): Training {
  const { now = Date.now } = options
  let slices: AsyncGenerator<TrainingProgress, void> | undefined
  // A runtime may open a database for each run: what was begun with one goes on with the next.
  let open: Storage
  const latest: Storage = { call: (fn, args, more) => open.call(fn, args, more), close: async () => {} }
  return {
    async run(storage, { budgetMs = Number.POSITIVE_INFINITY, onProgress, stopped } = {}) {
      const end = now() + budgetMs
      let trained = 0
      open = storage
      try {
        slices ??= trainAll(latest, options)
        for (let breath = now(); ; ) {
          const { done, value } = await slices.next()
          if (done) break
          onProgress?.(value)
          if (value.step === 'finish') {
            trained++
            log.info('trained recommendations', { project: value.projectId, environment: value.environment })
          }
          if (now() >= end || stopped?.()) return { state: 'paused', trained }
          // Slices that compute do not wait for anything: others want their turn, too.
          if (now() - breath > 20) {
            await new Promise((resolve) => setTimeout(resolve, 0))
            breath = now()
          }
        }
        slices = undefined
        return { state: 'done', trained }
      } catch (error) {
        slices = undefined
        log.warn('recommendations could not be trained; it is tried again', { error: describeError(error) })
        return { state: 'failed', trained }
      }
    },
  }
}
