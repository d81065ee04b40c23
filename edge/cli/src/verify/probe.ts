/** The HTTP half of `verify`: is it alive, is it ready, and does one event count once. */
import { randomUUID } from 'node:crypto'
import { type Ack, type Batch, type Event, keyKind, type ProblemBody, uuidv7 } from '@nunchi/protocol'
import type { Check } from '../check.ts'

/** Where and as whom to ask. */
export interface Target {
  /** The collector's address without a path. */
  url: string
  key: string
  /** Sent as `Origin`, for keys that only some sites may use. */
  origin?: string | undefined
}

const patience = 10_000

/** An event that says what it is, of a visitor that nobody else is. */
export function probeEvent(now: number): Event {
  return {
    id: uuidv7(() => now)(),
    type: 'track',
    name: 'nunchi verify',
    ts: now,
    tab: 'verify',
    seq: 0,
    anonymousId: `verify-${randomUUID()}`,
    sdk: 'nunchi-cli',
    properties: { note: 'Written by nunchi verify; it may be deleted.' },
  }
}

interface Answer {
  status: number
  body: unknown
  ms: number
  /** `Access-Control-Allow-Origin`. */
  allowed: string | null
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const started = performance.now()
  const answer = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(patience) })
  const text = await answer.text()
  const ms = Math.round(performance.now() - started)
  const { status, headers } = answer
  const allowed = headers.get('access-control-allow-origin')
  try {
    return { status, body: JSON.parse(text), ms, allowed }
  } catch {
    return { status, body: undefined, ms, allowed }
  }
}

/** Why `fetch` failed, in the words of whatever failed below it. */
function reason(error: unknown): string {
  const { cause, message, name } = error as Error
  if (name === 'TimeoutError') return `no answer within ${patience / 1000} s`
  return (cause as Error | undefined)?.message || (cause as { code?: string } | undefined)?.code || message
}

const unreachable = (name: string, error: unknown): Check => ({
  name,
  status: 'fail',
  detail: `could not be asked: ${reason(error)}`,
  fix: 'Check the address, that the collector runs, and the proxy or firewall before it.',
})

function refused(name: string, status: number, body: unknown): Check {
  const { code, detail, fix } = (body ?? {}) as Partial<ProblemBody>
  const { storage } = (body ?? {}) as { storage?: { ok?: boolean } }
  if (storage)
    return {
      name,
      status: 'fail',
      detail: storage.ok
        ? 'the collector is stopping, was stalled, or could not store a batch just now'
        : 'the collector does not reach its database',
      fix: storage.ok
        ? 'Ask again in some seconds.'
        : "Read the collector's log; check its DATABASE_URL and that the schema is migrated (nunchi migrate up).",
    }
  return code
    ? { name, status: 'fail', detail: `${status} ${code}: ${detail}`, ...(fix ? { fix } : {}) }
    : {
        name,
        status: 'fail',
        detail: `${status}, and not an answer of a nunchi collector`,
        fix: 'Check that the address is the collector itself, without a path, and that nothing rewrites its answers.',
      }
}

/** Asks `/health/live` or `/health/ready`. */
export async function checkHealth(name: 'live' | 'ready', { url }: Target): Promise<Check> {
  try {
    const { status, body, ms } = await ask(`${url}/health/${name}`)
    if (status !== 200) return refused(name, status, body)
    const detail = name === 'live' ? 'the collector answers' : 'the collector reaches its database'
    return { name, status: 'ok', detail: `${detail} (${ms} ms)` }
  } catch (error) {
    return unreachable(name, error)
  }
}

function request({ url, key, origin }: Target, batch: Batch): [string, RequestInit] {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (origin) headers.set('origin', origin)
  const server = keyKind(key) === 'srv'
  if (server) headers.set('authorization', `Bearer ${key}`)
  const query = server ? '' : `?key=${encodeURIComponent(key)}`
  return [`${url}/v1/events${query}`, { method: 'POST', headers, body: JSON.stringify(batch) }]
}

/**
 * Sends `event` and checks what the collector says became of it.
 *
 * @param expected `accepted` the first time, `duplicates` after that
 */
export async function checkSend(
  name: string,
  target: Target,
  event: Event,
  expected: 'accepted' | 'duplicates',
): Promise<Check> {
  const batch: Batch = { id: randomUUID(), sentAt: Date.now(), context: {}, events: [event] }
  try {
    const { status, body, ms, allowed } = await ask(...request(target, batch))
    const ack = body as Partial<Ack> | undefined
    if (status !== 202) return refused(name, status, body)
    if (target.origin && allowed !== target.origin && allowed !== '*')
      return {
        name,
        status: 'fail',
        detail: `pages of ${target.origin} could not read the answer (Access-Control-Allow-Origin is ${allowed})`,
        fix: 'Let no proxy before the collector drop or rewrite its CORS headers.',
      }
    if (ack?.batch !== batch.id)
      return {
        name,
        status: 'fail',
        detail: 'the answer does not name our batch, so that something else gave it',
        fix: 'Look for a proxy or a captive portal before the collector.',
      }
    const rejection = ack.rejected?.[0]
    if (rejection)
      return { name, status: 'fail', detail: `${rejection.code}: ${rejection.detail}`, fix: rejection.fix }
    if (ack[expected] !== 1)
      return {
        name,
        status: 'fail',
        detail: `the collector counted ${ack.accepted} new and ${ack.duplicates} duplicate, not one ${expected === 'accepted' ? 'new' : 'duplicate'}`,
        fix: 'The database and the collector may be of different versions; run: nunchi doctor',
      }
    const detail =
      expected === 'accepted' ? 'one event in, acknowledged' : 'sent again, recognised as a duplicate'
    return { name, status: 'ok', detail: `${detail} (${ms} ms)` }
  } catch (error) {
    return unreachable(name, error)
  }
}
