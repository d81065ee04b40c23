/** `/ofrep/v1/evaluate/flags`: OpenFeature's remote evaluation protocol 0.3, for providers that we did not write. */
import type { JsonObject } from '@nunchi/protocol'
import { compiledOf } from '../cache/compiled.ts'
import type { RequestContext, Services, Use } from '../env.ts'
import { body } from '../middleware/body.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { attributesOf, evaluation } from '../ofrep/evaluation.ts'

const path = '/ofrep/v1/evaluate/flags'

/** The context of the body, or the protocol's own answer to one that has none. */
function contextOf(c: RequestContext): JsonObject | { errorCode: string; errorDetails: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(c.get('body') || '{}')
  } catch {
    return { errorCode: 'PARSE_ERROR', errorDetails: 'The body is not valid JSON.' }
  }
  const { context = {} } = (parsed ?? {}) as { context?: unknown }
  if (typeof context !== 'object' || context === null || Array.isArray(context))
    return { errorCode: 'INVALID_CONTEXT', errorDetails: 'The body’s context must be an object.' }
  const { targetingKey } = context as JsonObject
  if (targetingKey !== undefined && typeof targetingKey !== 'string')
    return { errorCode: 'INVALID_CONTEXT', errorDetails: 'The context’s targetingKey must be a text.' }
  return context as JsonObject
}

/** Equal answers have equal tags: the config's version and what was asked. */
async function tagOf(version: string, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${version}\n${text}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `"${Array.from(digest.subarray(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`
}

async function one(c: RequestContext, { configs }: Services): Promise<Response> {
  const key = c.req.param('key') ?? ''
  const context = contextOf(c)
  if ('errorCode' in context) return c.json({ key, ...context }, 400)
  const { config } = await configs.find(c.get('storage'), c.get('key'), c.get('keyHash'))
  const result = evaluation(compiledOf(config), key, attributesOf(context as JsonObject))
  if (!('errorCode' in result)) return c.json(result)
  return c.json(result, result.errorCode === 'FLAG_NOT_FOUND' ? 404 : 400)
}

async function all(c: RequestContext, { configs }: Services): Promise<Response> {
  const context = contextOf(c)
  if ('errorCode' in context) return c.json(context, 400)
  const { config } = await configs.find(c.get('storage'), c.get('key'), c.get('keyHash'))
  const compiled = compiledOf(config)
  const attributes = attributesOf(context as JsonObject)
  const flags = Object.keys(config.flags).map((key) => evaluation(compiled, key, attributes))
  // Schedules change answers without a new version, so the answer itself is what the tag stands for.
  const tag = await tagOf(config.version, JSON.stringify(flags))
  c.header('ETag', tag)
  if (c.req.header('if-none-match')?.includes(tag)) return c.body(null, 304)
  return c.json({ flags, metadata: { configVersion: config.version } })
}

/**
 * Adds the routes. Takes public keys, and server keys with the scope `config:read`, as `Authorization: Bearer`. The
 * context's `targetingKey` is the visitor's `anonymousId`.
 */
export function ofrep(): Use {
  return (app, services) => {
    const headers = ['Content-Type', 'Authorization', 'If-None-Match']
    for (const [route, answer] of [
      [path, all],
      [`${path}/:key`, one],
    ] as const) {
      app.use(route, cors())
      app.use(route, limitClients(services))
      app.options(route, preflight(services, { methods: ['POST'], headers }))
      app.post(
        route,
        guard(services, { scope: 'config:read', pub: true }),
        limitKeys(services),
        body(services),
        (c) => answer(c, services),
      )
    }
  }
}
