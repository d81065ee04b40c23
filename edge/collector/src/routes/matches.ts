/** `/v1/matches`: whom a person may like and be liked by, by the leave of both; and what the person says about it. */
import { type JsonObject, limits, type Matches, type MatchStanding } from '@nunchi/protocol'
import type { RequestContext, Services, Use } from '../env.ts'
import { unavailable } from '../failure.ts'
import { withInsights } from '../match/with-insights.ts'
import { body } from '../middleware/body.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { keyBesideToken, visitor } from '../middleware/visitor.ts'
import { Problem } from '../problem.ts'
import { retry } from '../retry.ts'

const path = '/v1/matches'
const mostMatches = 50

/** What the functions of matching refuse by. */
type MatchProblem = 'key_unknown' | 'key_not_allowed' | 'match_not_found' | 'match_blocks_full'

const wrong = (detail: string) => new Problem('match_malformed', { detail })

function isId(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length > 0 &&
    text.length <= limits.maxIdLength &&
    text.isWellFormed() &&
    !text.includes('\0')
  )
}

/** A score and an id: what Postgres reads as a real number, and who came last. */
function isCursor(after: string): boolean {
  const score = /^(\d(?:\.\d{1,12})?(?:e-\d{1,2})?)\|/.exec(after)?.[1]
  if (score === undefined || !isId(after.slice(score.length + 1))) return false
  return Number(score) === 0 || Math.fround(Number(score)) > 0
}

/** Whose matches: a page proves it by the visitor's token, a server is believed. */
function personOf(c: RequestContext): string {
  const named = c.req.query('userId')
  if (named !== undefined && !isId(named))
    throw wrong(`userId must have 1 to ${limits.maxIdLength} characters.`)
  if (c.get('key').kind === 'srv') {
    if (named === undefined) throw wrong('A server names the person: userId=ID.')
    return named
  }
  const token = c.get('visitor')
  if (!token)
    throw new Problem('token_missing', {
      detail: 'Matches are a person’s own, and no token says who asks.',
      fix: 'Send the visitor’s token as "Authorization: Bearer …"; see docs/guide/visitor-tokens.md.',
    })
  if (named !== undefined && named !== token.userId) throw new Problem('token_mismatch')
  return token.userId
}

/** Asks the database for the person. @throws a `Problem` */
async function call<Answer extends object>(
  c: RequestContext,
  { options }: Services,
  fn: string,
  args: object,
): Promise<Answer> {
  const all = { ...args, keyHash: c.get('keyHash'), userId: personOf(c) }
  const run = () => c.get('storage').call<Answer | { error: MatchProblem }>(fn, all)
  const answer = await retry(run, { timeoutMs: options.storageTimeoutMs, attempts: 2 }).catch(
    (cause: unknown) => {
      throw unavailable(cause)
    },
  )
  if ('error' in answer) throw new Problem(answer.error)
  return answer
}

async function matches(c: RequestContext, services: Services): Promise<Matches> {
  const { list = 'suggestions', limit = '10', after } = c.req.query()
  if (list !== 'suggestions' && list !== 'mutual') throw wrong('list must be suggestions or mutual.')
  if (!/^[1-9]\d?$/.test(limit) || Number(limit) > mostMatches)
    throw wrong(`limit must be a whole number from 1 to ${mostMatches}.`)
  if (after !== undefined && !isCursor(after)) throw wrong('after must be the `next` of the page before.')
  const asked = { list, limit: Number(limit), ...(after !== undefined && { after }) }
  const found = await call<Matches>(c, services, 'match', asked)
  return c.req.query('insights') === '1' ? withInsights(c, services, personOf(c), found) : found
}

/** A field of the body. @throws a `Problem` where it is not true or false */
function truth(c: RequestContext, field: 'consent' | 'yes'): boolean {
  let given: unknown
  try {
    given = JSON.parse(c.get('body')) as unknown
  } catch (cause) {
    throw new Problem('body_not_json', { cause, fix: `Send { "${field}": true } or false as JSON.` })
  }
  const value = (given as JsonObject | null)?.[field]
  if (typeof value !== 'boolean') throw wrong(`The body must be { "${field}": true } or false.`)
  return value
}

function other(c: RequestContext): string {
  const id = c.req.param('id')
  if (!isId(id)) throw wrong(`The id must have 1 to ${limits.maxIdLength} characters.`)
  return id
}

const tell = (c: RequestContext, services: Services, said: object) =>
  call<MatchStanding>(c, services, 'match_tell', said)

type Answer = (c: RequestContext, services: Services) => Promise<object>

/** The routes, by path and method. */
const routes: { [at: string]: { [method: string]: Answer } } = {
  [path]: { GET: matches },
  [`${path}/me`]: {
    GET: (c, services) => tell(c, services, {}),
    PUT: (c, services) => tell(c, services, { consent: truth(c, 'consent') }),
  },
  [`${path}/blocks/:id`]: {
    PUT: (c, services) => tell(c, services, { block: other(c) }),
    DELETE: (c, services) => tell(c, services, { unblock: other(c) }),
  },
  [`${path}/decisions/:id`]: {
    PUT: (c, services) => tell(c, services, { decide: { id: other(c), yes: truth(c, 'yes') } }),
  },
}

/**
 * Adds the routes. Takes public keys with a visitor's token, for that person; and server keys with the scopes
 * `matches:read` and `matches:write`, for anybody.
 */
export function matching(): Use {
  return (app, services) => {
    const isServer = (c: RequestContext) => keyBesideToken(c).text?.startsWith('nk_srv_') ?? false
    for (const [at, answers] of Object.entries(routes)) {
      const methods = Object.keys(answers)
      app.use(at, cors())
      app.use(at, limitClients(services, isServer))
      app.options(at, preflight(services, { methods, headers: ['Authorization', 'Content-Type'] }))
      for (const [method, answer] of Object.entries(answers)) {
        const scope = method === 'GET' ? 'matches:read' : 'matches:write'
        app.on(
          method,
          at,
          guard(services, { scope, pub: true, present: keyBesideToken }),
          limitKeys(services),
          visitor(services),
          ...(method === 'PUT' ? [body(services)] : []),
          async (c: RequestContext) => {
            c.header('Cache-Control', 'private, no-store')
            c.header('Vary', 'Origin, Authorization')
            return c.json(await answer(c, services))
          },
        )
      }
      app.all(at, () => {
        throw new Problem('method_not_allowed', { headers: { Allow: [...methods, 'OPTIONS'].join(', ') } })
      })
    }
  }
}
