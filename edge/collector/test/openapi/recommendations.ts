/** What the OpenAPI document says of recommendations and of the items they come from. */
import type { JsonSchema } from '@nunchi/protocol/json-schemas'
import { answer, json, listOf, mapOf, object, problems, ref } from './object.ts'

const text: JsonSchema = { type: 'string' }
const count: JsonSchema = { type: 'integer', minimum: 0 }
const free: JsonSchema = { type: 'object', additionalProperties: ref('Json') }
const link: JsonSchema = {
  type: 'string',
  maxLength: 2_048,
  description: 'An http: or https: address, or a path from the site’s root.',
}
const lists = ['user', 'contextual', 'similar', 'trending']
const shown = {
  id: text,
  type: text,
  title: text,
  'url?': link,
  'image?': link,
  'tags?': listOf(text),
  'attributes?': free,
}

/** The schemas, by name. */
export const recommendationSchemas: { [name: string]: JsonSchema } = {
  Item: object('One thing that can be recommended.', {
    ...shown,
    id: { type: 'string', minLength: 1, maxLength: 200, description: 'What events name as `itemId`.' },
    type: { type: 'string', maxLength: 100, description: 'The catalog it belongs to.' },
    title: { type: 'string', minLength: 1, maxLength: 500 },
    'tags?': { type: 'array', maxItems: 50, items: { type: 'string', maxLength: 100 } },
    'text?': { type: 'string', description: 'Cut at 10,000 characters; read for words, never answered.' },
    'available?': { type: 'boolean', description: 'Whether it may be recommended now.' },
  }),
  ItemList: object('Items to put.', { items: { type: 'array', maxItems: 1_000, items: ref('Item') } }),
  ItemIds: object('Items to take out.', { ids: { type: 'array', maxItems: 1_000, items: text } }),
  ItemsPut: object('What became of them.', {
    accepted: { ...count, description: 'How many are as they were sent now.' },
    unchanged: { ...count, description: 'How many of them were so before.' },
    rejected: listOf(
      object('One that was not taken.', {
        index: count,
        'id?': text,
        code: { enum: ['item_invalid', 'item_url_invalid', 'item_too_large'] },
        detail: text,
        fix: text,
      }),
    ),
  }),
  ItemsDeleted: object('How many were there.', { deleted: count }),
  ItemsPage: object('Some items, by id.', {
    items: listOf(ref('Item')),
    next: { type: ['string', 'null'], description: 'The next page’s `after`.' },
  }),
  Recommendation: object('One item of a list, best first.', {
    ...shown,
    score: { type: 'number', description: 'Comparable within one list only.' },
    reason: object('Why it stands there.', {
      code: { enum: ['because', 'alike', 'people', 'popular', 'new', 'pinned'] },
      'because?': object('Another item of the same visitor’s.', { id: text, title: text }),
      'tags?': listOf(text),
    }),
  }),
  RecommendationAnswer: object('The list of one type.', {
    recommendationId: { type: 'string', description: 'What impressions and clicks name.' },
    list: { enum: lists },
    items: listOf(ref('Recommendation')),
    'reason?': {
      enum: ['empty_catalog', 'filtered', 'all_seen', 'unknown_item', 'error'],
      description: 'Why it is empty.',
    },
  }),
  Recommendations: object('What a visitor may want next, by catalog type.', {
    generated_at: { type: 'string', format: 'date-time' },
    expires_at: { type: 'string', format: 'date-time' },
    recommendations: mapOf('RecommendationAnswer'),
    neighbors: {
      type: 'object',
      description: 'For re-ranking on the page: pairs of id and similarity, by id.',
      additionalProperties: {
        type: 'array',
        items: { type: 'array', prefixItems: [text, { type: 'number' }], minItems: 2, maxItems: 2 },
      },
    },
  }),
}

const settings = { type: 'object', additionalProperties: ref('Json') }

/** The schemas of how lists are made. */
export const recommendationSettingsSchemas: { [name: string]: JsonSchema } = {
  RecommendationSettings: {
    ...settings,
    description:
      'How lists are made; the fields stand in the guide to recommendations. What is left away is as by default.',
  },
  StoredRecommendationSettings: object('What is said, and what is in force.', {
    definition: { anyOf: [ref('RecommendationSettings'), { type: 'null' }] },
    settings: ref('RecommendationSettings'),
  }),
  RecommendationSettingsChange: object('What changed.', {
    before: { anyOf: [ref('RecommendationSettings'), { type: 'null' }] },
    definition: { anyOf: [ref('RecommendationSettings'), { type: 'null' }] },
  }),
}

const query = (name: string, schema: JsonSchema, description: string): object => ({
  name,
  in: 'query',
  schema,
  description,
})
const serverKey = [{ serverKey: [] }]

/** The paths. */
export const recommendationPaths: { [path: string]: object } = {
  '/v1/recommendations': {
    get: {
      operationId: 'getRecommendations',
      summary: 'What a visitor may want next, of each catalog type, with its reason.',
      description:
        'With a public key for an `anonymousId`, or for a `userId` with the visitor’s token as bearer; with a server key with the scope `recommendations:read` for anybody.',
      security: [{ publicKey: [] }, { publicKey: [], visitorToken: [] }, { serverKey: [] }],
      parameters: [
        query('anonymousId', text, 'The visitor.'),
        query('userId', text, 'The user; must be the token’s.'),
        query('type', text, 'Catalog types, with commas between them; without it all.'),
        query('list', { enum: lists }, 'Which list; `user` where it is not said.'),
        query('context', text, '`item:ID`, `cart:ID,ID` or `page:URL`.'),
        query('limit', { type: 'integer', minimum: 1, maximum: 100 }, 'How many of each type; 10.'),
        query('exclude', text, 'Ids that shall not come, with commas between them.'),
        query('seen', { enum: ['0', '1'] }, '`1` lets items return that the visitor had to do with.'),
      ],
      responses: {
        200: answer('The lists.', ref('Recommendations')),
        ...problems(400, 401, 403, 405, 429, 503),
      },
    },
  },
  '/v1/items': {
    put: {
      operationId: 'putItems',
      summary: 'Puts items into the catalog; those beside a refused one are kept.',
      description: 'A server key with the scope `items:write`.',
      security: serverKey,
      requestBody: { required: true, content: json(ref('ItemList')) },
      responses: {
        200: answer('What became of each.', ref('ItemsPut')),
        ...problems(400, 401, 403, 408, 413, 415, 429, 503),
      },
    },
    delete: {
      operationId: 'deleteItems',
      summary: 'Takes items out of the catalog.',
      description: 'A server key with the scope `items:write`.',
      security: serverKey,
      requestBody: { required: true, content: json(ref('ItemIds')) },
      responses: {
        200: answer('How many were there.', ref('ItemsDeleted')),
        ...problems(400, 401, 403, 408, 413, 415, 429, 503),
      },
    },
    get: {
      operationId: 'listItems',
      summary: 'Lists the items of the catalog, by id.',
      description: 'A server key with the scope `items:read`.',
      security: serverKey,
      parameters: [
        query('type', text, 'This type alone.'),
        query('after', text, 'The last answer’s `next`.'),
        query('limit', { type: 'integer', minimum: 1, maximum: 1_000 }, 'How many; 100.'),
      ],
      responses: { 200: answer('A page.', ref('ItemsPage')), ...problems(400, 401, 403, 429, 503) },
    },
  },
}
