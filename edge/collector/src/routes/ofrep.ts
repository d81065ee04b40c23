/** `/ofrep/v1/evaluate/flags`: OpenFeature's remote evaluation protocol 0.3, for providers that we did not write. */
import type { JsonObject } from '@nunchi/protocol'
import { compiledOf } from '../cache/compiled.ts'
import type { Middleware, RequestContext, Services, Use } from '../env.ts'
import { body } from '../middleware/body.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard, type Presented } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { attributesOf, evaluation } from '../ofrep/evaluation.ts'
import { Problem } from '../problem.ts'
import { hex, sha256 } from '../sha256.ts'

/** How flags are evaluated for providers. */
export interface OfrepOptions {
  /**
   * The path of the config stream, which web providers are told of; `false` where that route is not in use.
   * @default '/v1/config/stream'
   */
  stream?: string | false
}

const path = '/ofrep/v1/evaluate/flags'

/** The protocol's two ways: `Authorization: Bearer`, and `X-API-Key`. */
function presented(c: RequestContext): Presented {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  return { text: bearer ?? c.req.header('x-api-key') ?? c.req.header('authorization'), inAddress: false }
}

/** The context of the body, or the protocol's own answer to one that has none. */
function contextOf(c: RequestContext): JsonObject | { errorCode: string; errorDetails: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(c.get('body') || '{}')
  } catch {
    return { errorCode: 'PARSE_ERROR', errorDetails: 'The body is not valid JSON.' }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { errorCode: 'PARSE_ERROR', errorDetails: 'The body must be a JSON object with a context.' }
  const { context = {} } = parsed as { context?: unknown }
  if (typeof context !== 'object' || context === null || Array.isArray(context))
    return { errorCode: 'INVALID_CONTEXT', errorDetails: 'The body’s context must be an object.' }
  const { targetingKey } = context as JsonObject
  if (targetingKey !== undefined && typeof targetingKey !== 'string')
    return { errorCode: 'INVALID_CONTEXT', errorDetails: 'The context’s targetingKey must be a text.' }
  return context as JsonObject
}

/** Equal answers have equal tags: the config's version and what was asked. */
async function tagOf(version: string, text: string): Promise<string> {
  const digest = await sha256(`${version}\n${text}`)
  return `"${hex(digest.subarray(0, 12))}"`
}

/** The config in force; a provider that comes because of a change says which version it has heard of. */
const configOf = (c: RequestContext, { configs }: Services) =>
  configs.find(c.get('storage'), c.get('key'), c.get('keyHash'), c.req.query('flagConfigEtag'))

async function one(c: RequestContext, services: Services): Promise<Response> {
  const key = c.req.param('key') ?? ''
  const context = contextOf(c)
  if ('errorCode' in context) return c.json({ key, ...context }, 400)
  const { config } = await configOf(c, services)
  const result = evaluation(compiledOf(config), key, attributesOf(context as JsonObject))
  if (!('errorCode' in result)) return c.json(result)
  return c.json(result, result.errorCode === 'FLAG_NOT_FOUND' ? 404 : 400)
}

/** Where a page's provider hears of changes. It cannot send headers there, so only what stands in pages goes along. */
function streamsOf(c: RequestContext, services: Services, stream: string | false): object {
  const { text } = presented(c)
  if (stream === false || !services.storage || c.get('key').kind !== 'pub' || !text) return {}
  return { eventStreams: [{ type: 'sse', endpoint: { requestUri: `${stream}?format=ofrep&key=${text}` } }] }
}

async function all(c: RequestContext, services: Services, stream: string | false): Promise<Response> {
  const context = contextOf(c)
  if ('errorCode' in context) return c.json(context, 400)
  const { config } = await configOf(c, services)
  const compiled = compiledOf(config)
  const attributes = attributesOf(context as JsonObject)
  const flags = Object.keys(config.flags).map((key) => evaluation(compiled, key, attributes))
  // Schedules change answers without a new version, so the answer itself is what the tag stands for.
  const tag = await tagOf(config.version, JSON.stringify(flags))
  c.header('ETag', tag)
  if (c.req.header('if-none-match')?.includes(tag)) return c.body(null, 304)
  return c.json({
    flags,
    metadata: { configVersion: config.version },
    ...streamsOf(c, services, stream),
  })
}

/** Says a problem in the protocol's words too: providers read `errorCode` and `errorDetails`. */
const inItsWords: Middleware = async (c, next) => {
  await next()
  if (c.res.headers.get('content-type') !== 'application/problem+json') return
  const problem = (await c.res.json()) as { detail: string }
  const key = c.req.param('key')
  const words = { ...(key !== undefined && { key }), errorCode: 'GENERAL', errorDetails: problem.detail }
  c.res = new Response(JSON.stringify({ ...problem, ...words }), c.res)
}

/**
 * Adds the routes. Takes public keys, and server keys with the scope `config:read`, as `Authorization: Bearer` or
 * `X-API-Key`. The context's `targetingKey` is the visitor's `anonymousId`.
 */
export function ofrep({ stream = '/v1/config/stream' }: OfrepOptions = {}): Use {
  return (app, services) => {
    const headers = ['Content-Type', 'Authorization', 'X-API-Key', 'If-None-Match']
    for (const [route, answer] of [
      [path, (c: RequestContext) => all(c, services, stream)],
      [`${path}/:key`, (c: RequestContext) => one(c, services)],
    ] as const) {
      app.use(route, cors())
      app.use(route, inItsWords)
      app.use(
        route,
        limitClients(services, (c) => presented(c).text?.startsWith('nk_srv_') ?? false),
      )
      app.options(route, preflight(services, { methods: ['POST'], headers }))
      app.post(
        route,
        guard(services, { scope: 'config:read', pub: true, lastKnown: true, present: presented }),
        limitKeys(services),
        body(services),
        answer,
      )
      app.all(route, () => {
        throw new Problem('method_not_allowed', { headers: { Allow: 'POST, OPTIONS' } })
      })
    }
  }
}
