/** Visitors that send batches over real HTTP: each after its last answer, or at a fixed rate. */
import { Agent, request } from 'node:http'
import type { Ack } from '@nunchi/protocol'
import { someBatch } from './events.ts'

/** Where to send. */
export interface Target {
  url: string
  key: string
}

/** What came of it. */
export interface Load {
  /** Events that were acknowledged as new. */
  accepted: number
  /** Requests, and those of them that were not answered by an acknowledgement of their batch. */
  requests: number
  failed: number
  /** Of each request, in ms; at a fixed rate from the time when it was due. */
  latencies: number[]
  seconds: number
}

interface Answer {
  status: number
  text: string
}

function post(agent: Agent, { url, key }: Target, visitor: number, body: string): Promise<Answer> {
  const headers = {
    'content-type': 'text/plain;charset=UTF-8',
    'content-length': Buffer.byteLength(body),
    origin: 'https://shop.example',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
    'x-forwarded-for': `10.${(visitor >> 16) & 255}.${(visitor >> 8) & 255}.${visitor & 255}`,
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/events?key=${key}`, { method: 'POST', agent, headers, timeout: 30_000 })
    sent.on('timeout', () => sent.destroy(new Error('No answer within 30 s.')))
    sent.on('error', reject)
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.end(body)
  })
}

function emptyLoad(): Load {
  return { accepted: 0, requests: 0, failed: 0, latencies: [], seconds: 0 }
}

/** Sends one batch and writes down what came of it. */
async function send(load: Load, agent: Agent, target: Target, visitor: number, size: number, due?: number) {
  const batch = someBatch(size)
  const body = JSON.stringify(batch)
  const from = due ?? performance.now()
  const answer = await post(agent, target, visitor, body).catch(() => undefined)
  load.latencies.push(performance.now() - from)
  load.requests++
  const ack = answer?.status === 202 ? (JSON.parse(answer.text) as Ack) : undefined
  if (ack?.batch === batch.id && ack.accepted + ack.duplicates === size) load.accepted += ack.accepted
  else load.failed++
}

/** How visitors send: each its next batch as soon as the last is answered, until time or events are up. */
export interface Closed {
  clients: number
  size: number
  seconds?: number
  events?: number
}

/** Plays `clients` visitors, each waiting for its answers. */
export async function closedLoop(target: Target, { clients, size, ...until }: Closed): Promise<Load> {
  const { seconds = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY } = until
  const agent = new Agent({ keepAlive: true })
  const load = emptyLoad()
  const start = performance.now()
  let left = events
  const client = async (n: number) => {
    for (let visitor = n; left > 0 && performance.now() - start < seconds * 1000; visitor += clients) {
      const take = Math.min(size, left)
      left -= take
      await send(load, agent, target, visitor, take)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
  load.seconds = (performance.now() - start) / 1000
  agent.destroy()
  return load
}

/** Sends `perSecond` batches a second whatever the answers do, each of a visitor of its own. */
export async function openLoop(
  target: Target,
  { perSecond, size, seconds }: { perSecond: number; size: number; seconds: number },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true })
  const load = emptyLoad()
  const start = performance.now()
  const running: Promise<void>[] = []
  for (let n = 0; n < perSecond * seconds; n++) {
    const due = start + (1000 * n) / perSecond
    const wait = due - performance.now()
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    // Counted from when it was due: a request that had to wait for its turn waited.
    running.push(send(load, agent, target, n, size, due))
  }
  await Promise.all(running)
  load.seconds = (performance.now() - start) / 1000
  agent.destroy()
  return load
}
