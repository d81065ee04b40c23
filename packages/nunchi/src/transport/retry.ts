/** Wraps a transport with patience: after a failure nothing is sent until its time has come. */
import type { Local } from '../page/local.ts'
import type { Transport } from './transport.ts'

/** The first delay's upper bound, and the longest's, in ms. */
const first = 1000
const longest = 30_000
/** How long a refused key or origin (401, 403) pauses sending, in ms. */
const pause = 600_000
/** The longest wait that anything may ask for, in ms. */
const longestEver = 3_600_000

/** The next attempt: when, where, whether the collector named the time, and the whole wait in ms. */
type Next = [at: number, url: string, ordered: boolean, whole: number]

/**
 * Full-jitter backoff: after the n-th failure in a row waits a random time below
 * `min(longest, first · 2ⁿ)`; `Retry-After` is obeyed as it is (up to an hour), also by what is urgent.
 * A verdict on the batch itself (400, 413) is no failure of the way.
 *
 * @param local where the next attempt's time is kept, so that a new tab waits too
 */
export function retry(send: Transport, local: Local): Transport {
  let failures = 0
  return async (delivery) => {
    const { 0: at, 1: url, 2: ordered, 3: whole } = local.get<Next>('next') ?? []
    // Another key or host has its own fate; more left than there was comes from a clock that was set back.
    const left = url === delivery.url && (ordered || !delivery.urgent) ? at! - Date.now() : 0
    if (left > 0 && left <= whole!) return { status: 0, wait: left, held: true }
    const reply = await send(delivery)
    const { status, body } = reply
    if (status === 400 || status === 413 || (status < 300 && body?.batch)) {
      failures = 0
      if (at) local.set('next')
      return reply
    }
    const jitter = 100 + Math.random() * Math.min(longest, first * 2 ** failures++)
    const wait = Math.min(longestEver, reply.wait ?? (status === 401 || status === 403 ? pause : jitter))
    local.set('next', [Date.now() + wait, delivery.url, !!reply.wait, wait])
    return { ...reply, wait }
  }
}
