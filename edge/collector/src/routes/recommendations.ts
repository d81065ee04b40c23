/** `GET /v1/recommendations`: what a visitor may want next, of each catalog type, with its reason. */
import type { Recommendations } from '@nunchi/protocol'
import { enriching } from '../enrich.ts'
import type { Middleware, RequestContext, Services, Use } from '../env.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { keyBesideToken, visitor } from '../middleware/visitor.ts'
import { Problem } from '../problem.ts'
import { type Question, readQuestion } from '../recommend/question.ts'
import { remembered } from '../recommend/remembered.ts'
import { retry } from '../retry.ts'

/** How recommendations are served. */
export interface RecommendationsOptions {
  /**
   * The path; another one where blockers know this one.
   * @default '/v1/recommendations'
   */
  path?: string
}

/** What `nunchi.recommend` answers. */
type Answer =
  | Recommendations
  | { error: 'unknown_type'; types: string[] }
  | { error: 'key_unknown' | 'key_not_allowed' }

const bounds = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** Times and counts what the route answers. */
function watch({ metrics, options }: Services): Middleware {
  const seconds = metrics.histogram(
    'nunchi_recommendations_seconds',
    'How long recommendations took.',
    bounds,
  )
  const failed = metrics.counter(
    'nunchi_recommendations_errors_total',
    'Questions for recommendations that were refused or failed, by code.',
    'code',
  )
  return async (c, next) => {
    await next()
    if (c.req.method === 'OPTIONS') return
    if (c.res.status >= 400) failed.add(1, c.get('code') ?? 'internal')
    else seconds.observe((options.now() - c.get('receivedAt')) / 1000)
  }
}

/** Whose question it may be: a page proves a userId by its token, a server is believed. */
function proven(c: RequestContext, asked: Question): Question {
  const token = c.get('visitor')
  const { userId = token?.userId, anonymousId, ...rest } = asked
  if (userId === undefined) return asked
  if (c.get('key').kind === 'pub') {
    if (!token) throw new Problem('token_missing')
    if (token.userId !== userId) throw new Problem('token_mismatch')
  }
  // A user's own answer knows the devices that are linked to them, this one among them.
  return { ...rest, userId }
}

/** The segment that the visitor is of, as far as the request tells it. */
function segmentOf(c: RequestContext, services: Services): { country?: string; deviceClass?: string } {
  if (c.get('key').kind !== 'pub') return {}
  const { country, deviceClass } = services.once(enrichment).page({}, c)
  return { ...(country !== undefined && { country }), ...(deviceClass !== undefined && { deviceClass }) }
}

const enrichment = ({ options }: Services) => enriching(options)

function unreadable(cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  return new Problem('storage_unavailable', {
    cause,
    retryAfter: 5,
    detail: 'The recommendations cannot be read just now.',
    fix: 'Show the last list that was answered, and ask again after as many seconds as Retry-After says.',
  })
}

async function ask(c: RequestContext, services: Services): Promise<Recommendations> {
  const question = proven(
    c,
    readQuestion((name) => c.req.queries(name) ?? []),
  )
  const asked = { ...segmentOf(c, services), ...question }
  return remembered(services).answer(c.get('key'), asked, () => read(c, services, asked))
}

async function read(c: RequestContext, services: Services, question: Question): Promise<Recommendations> {
  // An insight about these lists may be asked for.
  const explained = services.options.insights !== false
  const args = { keyHash: c.get('keyHash'), ...question, ...(explained && { explained }) }
  const call = () => c.get('storage').call<Answer>('recommend', args)
  const { storageTimeoutMs: timeoutMs } = services.options
  const answer = await retry(call, { timeoutMs, attempts: 2 }).catch((cause: unknown) => {
    throw unreadable(cause)
  })
  if (!('error' in answer)) return answer
  if (answer.error !== 'unknown_type') throw new Problem(answer.error)
  const unknown = (question.types ?? []).filter((type) => !answer.types.includes(type))
  throw new Problem('recommendations_type_unknown', {
    // A catalog is an environment's: whoever filled another one sees here where they looked.
    detail: `There are no items of the type ${unknown.join(', ')} in ${c.get('key').environment}; known are ${answer.types.join(', ') || 'none yet'}.`,
    more: { types: answer.types },
  })
}

/**
 * Adds the route. Takes public keys, for an `anonymousId` or, with the visitor's token, for a `userId`; and server keys
 * with the scope `recommendations:read`, for anybody.
 */
export function recommendations({ path = '/v1/recommendations' }: RecommendationsOptions = {}): Use {
  return (app, services) => {
    const empty = services.metrics.counter(
      'nunchi_recommendations_empty_total',
      'Lists that were answered empty, by reason.',
      'reason',
    )
    const isServer = (c: RequestContext) => keyBesideToken(c).text?.startsWith('nk_srv_') ?? false
    app.use(path, cors())
    app.use(path, watch(services))
    app.use(path, limitClients(services, isServer))
    app.options(path, preflight(services, { methods: ['GET'], headers: ['Authorization'] }))
    app.get(
      path,
      guard(services, { scope: 'recommendations:read', pub: true, present: keyBesideToken }),
      limitKeys(services),
      visitor(services),
      async (c) => {
        c.header('Cache-Control', 'private, no-store')
        c.header('Vary', 'Origin, Authorization')
        const answer = await ask(c, services)
        for (const { items, reason } of Object.values(answer.recommendations))
          if (items.length === 0) empty.add(1, reason ?? 'unknown')
        return c.json(answer)
      },
    )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET, HEAD, OPTIONS' } })
    })
  }
}
