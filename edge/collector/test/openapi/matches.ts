/** What the OpenAPI document says of matching people. */
import type { JsonSchema } from '@nunchi/protocol/json-schemas'
import { answer, json, listOf, object, problems, ref } from './object.ts'

const text: JsonSchema = { type: 'string' }
const codes = ['shared', 'close', 'wanted', 'taste']
const lists = ['suggestions', 'mutual']

/** The schemas, by name. */
export const matchSchemas: { [name: string]: JsonSchema } = {
  MatchReason: object('Why somebody may please another.', {
    code: { enum: codes },
    'about?': { type: 'string', description: 'An attribute, or `tags`.' },
    'shared?': listOf(text),
  }),
  Match: object('Somebody who may fit.', {
    id: { type: 'string', description: 'Their user id.' },
    title: text,
    'url?': text,
    'image?': text,
    tags: listOf(text),
    attributes: {
      type: 'object',
      additionalProperties: ref('Json'),
      description: 'Without what they look for and what they keep to themselves.',
    },
    score: { type: 'number', minimum: 0, maximum: 1 },
    reasons: object('In both directions.', {
      you: listOf(ref('MatchReason')),
      them: listOf(ref('MatchReason')),
    }),
    mutual: { type: 'boolean', description: 'Whether both have said yes.' },
    'aiInsights?': ref('Insight'),
  }),
  Matches: object('Whom a person may like and be liked by, best first.', {
    generated_at: { type: 'string', format: 'date-time' },
    list: { enum: lists },
    matches: listOf(ref('Match')),
    next: { type: ['string', 'null'], description: 'The next page’s `after`.' },
    'reason?': { enum: ['no_consent', 'no_profile', 'nobody'], description: 'Why there is nobody.' },
  }),
  MatchConsent: object('Whether the person takes part.', { consent: { type: 'boolean' } }),
  MatchDecision: object('What the person says about another.', { yes: { type: 'boolean' } }),
  MatchStanding: object('What the person has said.', {
    consent: { type: 'boolean' },
    blocked: listOf(text),
    'mutual?': { type: 'boolean', description: 'Of a decision: whether both have said yes now.' },
  }),
}

const security = [{ publicKey: [], visitorToken: [] }, { serverKey: [] }]
const userId = { name: 'userId', in: 'query', schema: text, description: 'The person; must be the token’s.' }
const id = { name: 'id', in: 'path', required: true, schema: text, description: 'The other person.' }
const query = (name: string, schema: JsonSchema, description: string) => ({
  name,
  in: 'query',
  schema,
  description,
})

function standing(operationId: string, summary: string, parameters: object[], more: object = {}): object {
  return {
    operationId,
    summary,
    security,
    parameters: [...parameters, userId],
    ...more,
    responses: {
      200: answer('How things stand now.', ref('MatchStanding')),
      ...problems(400, 401, 403, 404, 405, 409, 429, 503),
    },
  }
}
const body = (name: string) => ({ requestBody: { required: true, content: json(ref(name)) } })

/** The paths. */
export const matchPaths: { [path: string]: object } = {
  '/v1/matches': {
    get: {
      operationId: 'getMatches',
      summary: 'Whom a person may like and be liked by, by the leave of both.',
      description:
        'With a public key and the visitor’s token as bearer, for that person; with a server key with the scope `matches:read` for anybody.',
      security,
      parameters: [
        userId,
        query('list', { enum: lists }, 'Which list; `suggestions` where it is not said.'),
        query('limit', { type: 'integer', minimum: 1, maximum: 50 }, 'How many; 10.'),
        query('after', text, 'The `next` of the page before.'),
        query('insights', { enum: ['0', '1'] }, '`1` says in words why the first ten fit.'),
        query('language', { enum: ['en', 'ko'] }, 'Of the insights.'),
      ],
      responses: { 200: answer('The list.', ref('Matches')), ...problems(400, 401, 403, 405, 429, 503) },
    },
  },
  '/v1/matches/me': {
    get: standing('getMatchStanding', 'Whether the person takes part, and whom they have blocked.', []),
    put: standing('putMatchConsent', 'Takes part in matching, or no more.', [], body('MatchConsent')),
  },
  '/v1/matches/blocks/{id}': {
    put: standing('blockPerson', 'Neither is shown the other any more.', [id]),
    delete: standing('unblockPerson', 'Takes a block back.', [id]),
  },
  '/v1/matches/decisions/{id}': {
    put: standing('decideMatch', 'Says yes or no to somebody.', [id], body('MatchDecision')),
  },
}
