/** Segment's HTTP API: `POST /v1/track` and its siblings, and the settings that Segment's and RudderStack's clients load. */
import { keyKind, type Rejection } from '@nunchi/protocol'
import type { App, Middleware, RequestContext, Services, Use } from '../env.ts'
import { type Intake, intake } from '../intake.ts'
import { body } from '../middleware/body.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { docsOf, Problem, problemBody } from '../problem.ts'
import { type Checked, checkMessages } from '../segment/check.ts'
import { isServer, payloadOf, writeKeyOf } from '../segment/key.ts'
import { readRequest } from '../segment/request.ts'
import { homeOf, segmentSettings, sourceConfig } from '../segment/settings.ts'
import type { Outcome } from '../sink/sink.ts'

/** How Segment's clients are served. */
export interface SegmentOptions {
  /**
   * The host and path that the settings name to analytics.js, such as `events.example.com/v1`.
   * @default the host that the client asked, with `/v1`
   */
  apiHost?: string
}

/** Paths, and the call that each makes; a batch's messages name their own. */
const calls: { [path: string]: string | undefined } = {
  '/v1/track': 'track',
  '/v1/t': 'track',
  '/v1/identify': 'identify',
  '/v1/i': 'identify',
  '/v1/page': 'page',
  '/v1/p': 'page',
  '/v1/screen': 'screen',
  '/v1/s': 'screen',
  '/v1/group': 'group',
  '/v1/g': 'group',
  '/v1/alias': 'alias',
  '/v1/a': 'alias',
  '/v1/batch': undefined,
  '/v1/b': undefined,
  '/v1/import': undefined,
  '/beacon/v1/batch': undefined,
}

/** The headers that the clients set themselves, and that a preflight must allow. */
const headers = [
  'Authorization',
  'Content-Type',
  'Content-Encoding',
  'X-Retry-Count',
  'AnonymousId',
  'SentAt',
  'Rsa-Recovered',
  'Rsa-Retry-Attempt',
  'Rsa-Since-Last-Attempt',
  'Rsa-Since-First-Attempt',
  'Rsa-Retry-Reason',
]

/** Reads the body. One that did not arrive in its time is a 503: RudderStack's client gives up after a 408. */
function patientBody(services: Services): Middleware {
  const read = body(services)
  return async (c, next) => {
    try {
      return await read(c, next)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'body_timeout') throw error
      const { message: detail, headers, cause } = error
      throw new Problem('body_timeout', { status: 503, retryAfter: 1, detail, headers, cause })
    }
  }
}

function checked(
  c: RequestContext,
  call: string | undefined,
  { enrich }: Intake,
  docs: string,
): Promise<Checked> {
  const key = c.get('key')
  // A public key stands in servers too, where people replace one host by another: only pages have an origin.
  const page = key.kind === 'pub' && c.req.header('origin') !== undefined
  return checkMessages(readRequest(payloadOf(c), call), {
    projectId: key.projectId,
    keyHash: c.get('keyHash'),
    receivedAt: c.get('receivedAt'),
    mayBeOld: key.kind === 'srv',
    bytes: c.get('bodyBytes'),
    docs,
    enrich: (context, visitor) => (page ? enrich.page(context, c, visitor) : enrich.server(context, visitor)),
  })
}

/** What became of all messages, by their places in the request. */
function tallyOf({ batches, rejections }: Checked, outcomes: Outcome[], docs: string) {
  const late = outcomes.flatMap((outcome, n) =>
    outcome.rejected.map((one): Rejection => {
      const index = batches[n]?.positions[one.index] ?? one.index
      const detail = one.detail.replace(`events[${one.index}]`, `events[${index}]`)
      return { ...one, index, detail, docs: docsOf(one.code, docs) }
    }),
  )
  const sum = (field: 'accepted' | 'duplicates') => outcomes.reduce((all, one) => all + one[field], 0)
  return {
    accepted: sum('accepted'),
    duplicates: sum('duplicates'),
    rejected: [...rejections, ...late].sort((a, b) => a.index - b.index),
  }
}

type Told = ReturnType<typeof tallyOf>

/** 200, or where every message was refused a 400, which tells the client that its event is not stored. */
function answer(c: RequestContext, told: Told, docs: string): Response {
  const [first] = told.rejected
  if (!first || told.accepted + told.duplicates > 0) return c.json({ success: true, ...told })
  const problem = new Problem('batch_malformed', { detail: first.detail, fix: first.fix })
  c.set('code', problem.code)
  const text = JSON.stringify({ ...problemBody(problem, c.get('requestId'), docs), success: false, ...told })
  return c.body(text, 400, { 'Content-Type': 'application/problem+json' })
}

function refuseOthers(app: App, paths: string[], allow: string): void {
  for (const path of paths)
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: allow } })
    })
}

/** A public key from an address. Nothing is looked up: what is answered is no secret, and must not need the database. */
function publicKey(text: string | undefined): string {
  if (!text) throw new Problem('key_missing')
  const kind = keyKind(text)
  if (!kind) throw new Problem('key_malformed')
  if (kind === 'srv')
    throw new Problem('key_not_allowed', { detail: 'A server key came in an address of a page.' })
  return text
}

function addCalls(app: App, services: Services): void {
  const { docs } = services.options
  const taking = intake(services)
  const take = (call: string | undefined) => async (c: RequestContext) => {
    const read = await checked(c, call, taking, docs)
    const outcomes = await taking.write(c.get('storage'), read.batches)
    const told = tallyOf(read, outcomes, docs)
    taking.tally(told)
    return answer(c, told, docs)
  }
  const read = patientBody(services)
  const pass = guard(services, { scope: 'events:write', pub: true, present: writeKeyOf })
  const limit = limitKeys(services)
  for (const [path, call] of Object.entries(calls)) app.post(path, read, pass, limit, take(call))
}

/**
 * Adds the routes, so that code that speaks to Segment or RudderStack changes its host only. Takes public keys, and
 * server keys with the scope `events:write`.
 */
export function segment({ apiHost }: SegmentOptions = {}): Use {
  return (app, services) => {
    const posts = [...Object.keys(calls), '/v1/m']
    const gets = ['/v1/projects/:key/settings', '/sourceConfig', '/sourceConfig/']
    const limit = limitClients(services, isServer)
    for (const path of [...posts, ...gets]) app.use(path, cors(), limit)
    for (const path of posts) app.options(path, preflight(services, { methods: ['POST'], headers }))
    for (const path of gets) app.options(path, preflight(services, { methods: ['GET'], headers }))

    addCalls(app, services)
    // The clients' own metrics: read, so that the connection can be used again, and not kept.
    app.post('/v1/m', body(services), (c) => c.json({ success: true }))
    app.get('/v1/projects/:key/settings', (c) =>
      c.json(segmentSettings(publicKey(c.req.param('key')), homeOf(c, apiHost))),
    )
    const source = (c: RequestContext) => c.json(sourceConfig(publicKey(writeKeyOf(c).text)))
    for (const path of gets.slice(1)) app.get(path, source)
    refuseOthers(app, posts, 'POST, OPTIONS')
    refuseOthers(app, gets, 'GET, OPTIONS')
  }
}
