/** Requests to Segment's routes, as its clients make them. */
import type { Collector } from '../../src/index.ts'

/** How a request carries its key, and what else. */
export interface Sent {
  /** For `Authorization: Basic`. */
  key?: string
  headers?: Record<string, string>
  from?: string
}

/** The header of Segment's clients. */
export const basic = (key: string): string => `Basic ${btoa(`${key}:`)}`

/** Sends one. */
export function send(
  collector: Collector,
  path: string,
  body: string | Uint8Array | object,
  { key, headers = {}, from = '203.0.113.7' }: Sent = {},
): Promise<Response> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const request = new Request(`https://collector.example${path}`, {
    method: 'POST',
    headers: { ...(key === undefined ? {} : { authorization: basic(key) }), ...headers },
    body: raw ? (body as string) : JSON.stringify(body),
  })
  return collector.fetch(request, { remoteAddress: from })
}
