/** `GET /health/live` and `/health/ready`: whether the process runs, and whether it should be given work. */
import type { Services, Use } from '../env.ts'
import { describeError } from '../log.ts'
import { retry } from '../retry.ts'
import type { Storage } from '../storage/storage.ts'

/** How health is judged. */
export interface HealthOptions {
  /**
   * How long an answer of the database is believed, in ms, so that probes cost little.
   * @default 1_000
   */
  cacheMs?: number
  /**
   * The longest time that the database may take, in ms.
   * @default 2_000
   */
  timeoutMs?: number
  /**
   * How long the collector is not ready after the database could not store a batch, in ms, unless it stores one
   * before.
   * @default 5_000
   */
  failedMs?: number
}

/** What `nunchi.health` says. */
interface StorageHealth {
  ok: boolean
  version?: number | string
  queue?: number
}

type Probe = (storage: Storage) => Promise<StorageHealth>

/** Asks the database, at most once in `cacheMs`, and not again while it has not answered. */
function probing({ options, log }: Services, cacheMs: number, timeoutMs: number): Probe {
  let last: { storage: Storage; until: number; answer: Promise<StorageHealth> } | undefined
  return (storage) => {
    if (last?.storage === storage && options.now() < last.until) return last.answer
    const call = () => storage.call<StorageHealth>('health', {})
    const answer = retry(call, { timeoutMs, attempts: 1 }).catch((error: unknown) => {
      log.warn('the database does not answer the health probe', { error: describeError(error) })
      return { ok: false }
    })
    const asked = { storage, until: Number.POSITIVE_INFINITY, answer }
    last = asked
    return answer.finally(() => {
      asked.until = options.now() + cacheMs
    })
  }
}

/**
 * Adds the routes. Ready answers 503 while the collector drains, while the database does not answer or could not
 * store a batch just now (a full disk, a read-only standby: both still answer questions), and for some seconds after
 * the process stood still (an event loop stalled for more than a second).
 */
export function health({ cacheMs = 1_000, timeoutMs = 2_000, failedMs = 5_000 }: HealthOptions = {}): Use {
  return (app, services) => {
    const probe = probing(services, cacheMs, timeoutMs)
    app.get('/health/live', (c) => c.json({ live: true }))
    app.get('/health/ready', async (c) => {
      const storage = await probe(c.get('storage'))
      const { draining, stalled, failedAt } = services.state
      const failing = failedAt !== undefined && services.options.now() - failedAt < failedMs
      const ready = storage.ok === true && !draining && !stalled() && !failing
      return c.json({ ready, storage, draining, stalled: stalled(), failing }, ready ? 200 : 503)
    })
  }
}
