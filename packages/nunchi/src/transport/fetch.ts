/** Delivers by `fetch`, as a request that needs no preflight. */
import { retryAfter } from '../retry-after.ts'
import type { Reply, Transport } from './transport.ts'

/**
 * Makes a transport on `fetch`.
 *
 * @param timeout how long an answer may take, its body included, in ms
 * @param headers sent with each request; a browser's should stay empty, or every batch costs a preflight
 */
export function fetchTransport(timeout = 20_000, headers: Record<string, string> = {}): Transport {
  return async ({ url, body, leaving, signal }) => {
    const abort = new AbortController()
    const giveUp = () => abort.abort()
    const timer = setTimeout(giveUp, timeout)
    const reply: Reply = { status: 0 }
    try {
      // Not a listener: a signal lives as long as the page, and a queue sends one batch at a time.
      if (signal) signal.onabort = giveUp
      if (signal?.aborted) giveUp()
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers,
        credentials: 'omit',
        keepalive: !!leaving,
        signal: abort.signal,
      })
      const wait = retryAfter(response.headers.get('retry-after'))
      if (wait) reply.wait = wait
      // The body is always read to its end: an unread one keeps its share of the keepalive quota.
      const text = await response.text()
      reply.status = response.status
      reply.body = JSON.parse(text)
    } catch {
      // No network, no answer in time, or no JSON: the status says which.
    }
    clearTimeout(timer)
    return reply
  }
}
