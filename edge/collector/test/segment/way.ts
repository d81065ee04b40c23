/** The way between a real client and the collector, on a port of its own: it passes on, cuts and refuses as told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Collector } from '../../src/index.ts'

/**
 * What becomes of a request:
 * - `pass`: it is answered
 * - `cut`: it is committed, and the connection ends before the answer
 * - `fail`: it is committed, and a 503 comes back
 * - `refuse`: a 503 comes back, and it never arrived
 */
export type Fate = 'pass' | 'cut' | 'fail' | 'refuse'

/** One request that carried events. */
export interface Attempt {
  path: string
  fate: Fate
  /** What the collector answered; 0 where it was not asked. */
  status: number
  body: string
}

/** A way that is open. */
export interface Way {
  url: string
  /** Decides on each request that carries events, by how many came before it. */
  fate: (before: number) => Fate
  /** Changes a body on its way, such as one that an old client would have made. */
  rewrite: (body: string) => string
  attempts: Attempt[]
  /** Every request: method and path. */
  seen: string[]
  close(): Promise<void>
}

const isSetting = (method: string, path: string) => method !== 'POST' || path === '/v1/m'

/** Takes the times out of a body's messages, as of a client that sets none; `sentAt` stays. */
export function withoutTimes(body: string): string {
  return JSON.stringify(JSON.parse(body), (name, value) =>
    /^(?:timestamp|originalTimestamp)$/.test(name) ? undefined : value,
  )
}

/** Opens one before a collector. */
export async function openWay(collector: Collector): Promise<Way> {
  async function pass(incoming: IncomingMessage, body: string): Promise<Response> {
    const { method = 'GET', url = '/', headers } = incoming
    const plain = Object.entries(headers).filter((one): one is [string, string] => typeof one[1] === 'string')
    const init = { method, headers: plain, ...(body === '' ? {} : { body }) }
    const request = new Request(`http://${headers.host}${url}`, init)
    return collector.fetch(request, { remoteAddress: '203.0.113.7' })
  }

  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { method = 'GET', url: path = '/' } = incoming
    const text = Buffer.concat(chunks).toString()
    const body = text === '' ? '' : way.rewrite(text)
    way.seen.push(`${method} ${path.split('?')[0]}`)
    const fate = isSetting(method, path) ? 'pass' : way.fate(way.attempts.length)
    const attempt: Attempt = { path, fate, status: 0, body }
    if (!isSetting(method, path)) way.attempts.push(attempt)
    const response = fate === 'refuse' ? undefined : await pass(incoming, body)
    attempt.status = response?.status ?? 0
    if (fate === 'cut') return void outgoing.destroy()
    const origin = incoming.headers.origin ?? '*'
    if (fate === 'fail' || !response)
      return void outgoing.writeHead(503, { 'access-control-allow-origin': origin, 'retry-after': '1' }).end()
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  }

  const underWay = new Set<Promise<void>>()
  const server = createServer((incoming, outgoing) => {
    const taken = take(incoming, outgoing).catch(() => void outgoing.destroy())
    underWay.add(taken)
    taken.finally(() => underWay.delete(taken))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const way: Way = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fate: () => 'pass',
    rewrite: (body) => body,
    attempts: [],
    seen: [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      // What the collector has been given is committed before the next test empties the table.
      await Promise.all(underWay)
    },
  }
  return way
}
