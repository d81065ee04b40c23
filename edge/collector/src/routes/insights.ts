/** `GET /v1/insights/match/:id` and `/v1/insights/recommendation/:id`: why it fits and how to begin, in words. */
import type { RequestContext, Use } from '../env.ts'
import { unavailable } from '../failure.ts'
import type { Asked } from '../insights/asked.ts'
import { explainer } from '../insights/explainer.ts'
import { keyInsights } from '../insights/gateway.ts'
import { languageOf } from '../insights/language.ts'
import { matchSubject } from '../insights/match-subject.ts'
import { recommendationSubject } from '../insights/recommendation-subject.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { keyBesideToken, visitor } from '../middleware/visitor.ts'
import { Problem } from '../problem.ts'

const subjects = { match: matchSubject, recommendation: recommendationSubject }

/** A visitor asks for what is theirs, as their token says; a server says for whom it asks. */
function askedBy(c: RequestContext): Asked {
  const id = c.req.param('id') ?? ''
  const keyHash = c.get('keyHash')
  const [userId, anonymousId] = [c.req.query('userId'), c.req.query('anonymousId')]
  if (c.get('key').kind === 'pub') {
    const token = c.get('visitor')
    if (!token)
      throw new Problem('token_missing', {
        detail: 'Insights are a visitor’s own, and no token says who asks.',
        fix: 'Send the visitor’s token as "Authorization: Bearer …"; see docs/guide/visitor-tokens.md.',
      })
    if (userId !== undefined && userId !== token.userId) throw new Problem('token_mismatch')
    return { keyHash, id, userId: token.userId }
  }
  if (userId !== undefined) return { keyHash, id, userId }
  return { keyHash, id, ...(anonymousId !== undefined && { anonymousId }) }
}

/**
 * Adds the routes, where insights are switched on (`insights` of the collector's options). Takes server keys with the
 * scope `insights:read`, and public keys with a visitor's token, for what is that visitor's own.
 */
export function insights(): Use {
  return (app, services) => {
    const explain = services.once(explainer)
    if (!explain) return
    const isServer = (c: RequestContext) => keyBesideToken(c).text?.startsWith('nk_srv_') ?? false
    for (const kind of ['match', 'recommendation'] as const) {
      const path = `/v1/insights/${kind}/:id`
      app.use(path, cors())
      app.use(path, limitClients(services, isServer))
      app.options(path, preflight(services, { methods: ['GET'], headers: ['Authorization'] }))
      app.get(
        path,
        guard(services, { scope: 'insights:read', pub: true, present: keyBesideToken }),
        limitKeys(services),
        visitor(services),
        async (c) => {
          c.header('Cache-Control', 'private, no-store')
          c.header('Vary', 'Origin, Authorization, Accept-Language')
          const asked = askedBy(c)
          const subject = await subjects[kind](c.get('storage'), asked).catch((cause: unknown) => {
            throw unavailable(cause, 2)
          })
          if (!subject) throw new Problem('insight_not_found')
          const gateway = keyInsights(c.get('storage'), asked.keyHash, c.get('key'))
          return c.json(await explain(gateway, subject, languageOf(c)))
        },
      )
      app.all(path, () => {
        throw new Problem('method_not_allowed', { headers: { Allow: 'GET, HEAD, OPTIONS' } })
      })
    }
  }
}
