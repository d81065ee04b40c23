/** Does on a timer what keeps a database in order: at the start, then once a day. */
import { makePartitions } from '../../src/jobs/partitions.ts'
import { prune } from '../../src/jobs/prune.ts'
import { retain } from '../../src/jobs/retention.ts'
import { recommendationTraining } from '../../src/jobs/train.ts'
import { createLog, type LogLevel, type LogSink } from '../../src/log.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** What to keep in order, and who hears of it. */
export interface MaintenanceOptions {
  storage: Storage
  /** Takes a line where months were made, or could not be. */
  log: LogSink
  /** @default 'info' */
  logLevel?: LogLevel
}

/** Maintenance that runs. */
export interface Maintenance {
  /** Starts nothing more, and waits for what runs. Close it before the storage. */
  close(): Promise<void>
}

const day = 24 * 60 * 60 * 1000
const minute = 60 * 1000
/** A database that is away for a week is not asked every minute. */
const longestRetry = 60 * minute

/**
 * Starts it. One call a day does no harm where others make it too; a failure is logged as a warning and
 * tried again after a minute, then after two, up to an hour. The timer keeps no process alive.
 */
export function startMaintenance({ storage, log: sink, logLevel = 'info' }: MaintenanceOptions): Maintenance {
  const log = createLog(sink, logLevel)
  const training = recommendationTraining(log)
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const run = async (retry: number): Promise<void> => {
    const done =
      (await makePartitions(storage, log)) &&
      (await prune(storage, log)) &&
      (await retain(storage, log)) &&
      (await training.run(storage, { stopped: () => closed })).state !== 'failed'
    if (closed) return
    const next = done ? minute : Math.min(retry * 2, longestRetry)
    timer = setTimeout(() => begin(next), done ? day : retry)
    timer.unref()
  }
  let running: Promise<void> | undefined
  const begin = (retry: number): void => {
    running = run(retry)
  }
  begin(minute)

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
