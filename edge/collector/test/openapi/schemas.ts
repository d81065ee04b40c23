/** The schemas of the OpenAPI document: those of the protocol, and what the manage API and OFREP put around them. */
import { type JsonSchema, jsonSchemas } from '@nunchi/protocol/json-schemas'
import { matchSchemas } from './matches.ts'
import { listOf, mapOf, object, ref, refOf } from './object.ts'
import { rampSchemas } from './ramps.ts'
import { recommendationSchemas, recommendationSettingsSchemas } from './recommendations.ts'
import { resultsSchemas } from './results-schemas.ts'

const text: JsonSchema = { type: 'string' }
const number: JsonSchema = {
  type: 'integer',
  minimum: 0,
  description: 'Counts publications of the environment; 0 before the first.',
}
const version: JsonSchema = { type: 'string', description: 'The hash of what pages get.' }
const publishedAt: JsonSchema = { type: 'integer', description: 'In ms since the epoch.' }
const json = ref('Json')

/** A definition as it is sent: status and revision are the collector's to keep. */
function input(description: string, schema: JsonSchema, ...kept: string[]): JsonSchema {
  const required = (schema['required'] as string[]).filter((field) => !kept.includes(field))
  return { ...schema, description, required }
}

function manageSchemas(protocol: { [name: string]: JsonSchema }): { [name: string]: JsonSchema } {
  return {
    FlagInput: input('A flag to make or replace.', protocol['FlagDefinition']!, 'revision'),
    ExperimentInput: input(
      'An experiment to make or replace.',
      protocol['ExperimentDefinition']!,
      'revision',
      'status',
    ),
    Ramp: object('How many a rollout lets in.', {
      coverage: { type: 'integer', minimum: 0, maximum: 1_000_000, description: 'In ppm.' },
      'rule?': { type: 'string', description: 'The rule, by its id, where several have a rollout.' },
    }),
    Pattern: object('Which flags.', {
      pattern: { type: 'string', minLength: 1, description: 'A key, or `*` for any text: `checkout-*`.' },
    }),
    Completion: object('How an experiment ends.', {
      'winner?': { type: 'string', description: 'The variant that everybody gets; without it the control.' },
    }),
    Revert: object('Where to go back to.', {
      number: { type: 'integer', minimum: 1 },
      'flag?': { type: 'string', description: 'This flag alone.' },
      'experiment?': { type: 'string', description: 'This experiment alone.' },
    }),
    Group: { description: 'The members of a group.', type: 'array', items: json },
    Mistakes: object('What is wrong, by path.', {
      mistakes: listOf(object('One mistake.', { path: text, message: text })),
    }),
    Published: object('What was published.', {
      number,
      version,
      reason: { type: 'string', description: 'What was done, such as `flag.update checkout`.' },
      subject: text,
      before: json,
      after: json,
    }),
    Definition: object('What was published under a number.', {
      number,
      version,
      definition: ref('ConfigDefinition'),
      'config?': ref('Config'),
      revisions: object('The highest revision that each ever had, the deleted ones too.', {
        flags: { type: 'object', additionalProperties: { type: 'integer' } },
        experiments: { type: 'object', additionalProperties: { type: 'integer' } },
      }),
      'actor?': text,
      'reason?': text,
      'publishedAt?': publishedAt,
    }),
    Versions: object('What was published, the newest first.', {
      versions: listOf(object('One.', { number, version, actor: text, reason: text, publishedAt })),
    }),
    FlagList: object('All flags.', { number, version, flags: mapOf('FlagDefinition') }),
    ExperimentList: object('All experiments.', {
      number,
      version,
      experiments: mapOf('ExperimentDefinition'),
    }),
  }
}

const scalar: JsonSchema = { type: ['string', 'number', 'boolean'] }
const ofrepSchemas: { [name: string]: JsonSchema } = {
  EvaluationRequest: object('Whom to evaluate for.', {
    'context?': {
      type: 'object',
      properties: { targetingKey: { type: 'string', description: 'The visitor’s `anonymousId`.' } },
      additionalProperties: json,
    },
  }),
  Evaluation: object('A flag’s value.', {
    key: text,
    value: json,
    reason: { enum: ['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED', 'UNKNOWN'] },
    'variant?': text,
    metadata: { type: 'object', additionalProperties: scalar },
  }),
  EvaluationFailure: object('Why a flag has no value.', {
    'key?': text,
    errorCode: { enum: ['FLAG_NOT_FOUND', 'GENERAL', 'PARSE_ERROR', 'INVALID_CONTEXT'] },
    errorDetails: text,
  }),
  Evaluations: object('All flags.', {
    flags: listOf({ anyOf: [ref('Evaluation'), ref('EvaluationFailure')] }),
    metadata: { type: 'object', additionalProperties: scalar },
  }),
}

const plain = (maxLength: number, description: string): JsonSchema => ({
  type: 'string',
  maxLength,
  description,
})
const insightSchemas: { [name: string]: JsonSchema } = {
  Insight: object('Why something fits, and how to begin. All texts are plain: never show them as HTML.', {
    compatibility: plain(400, 'How well it fits.'),
    reasons: { ...listOf(plain(200, 'Why.')), minItems: 1, maxItems: 5 },
    starters: { ...listOf(plain(200, 'What to begin with.')), minItems: 3, maxItems: 3 },
    language: { enum: ['en', 'ko'] },
    source: { enum: ['model', 'template'] },
    promptVersion: { type: 'integer', description: 'Counts up with the wording.' },
  }),
}

const healthSchemas: { [name: string]: JsonSchema } = {
  Live: object('The process runs.', { live: { const: true } }),
  CacheTest: object('What the cache did.', {
    cache: { type: 'string', description: '`memory`, `redis`' },
    writeMs: { type: 'number' },
    readMs: { type: 'number' },
    expiredAfterMs: { type: 'integer', description: 'until what was kept for 100 ms was gone' },
  }),
  Ready: object('Whether it should be given work.', {
    ready: { type: 'boolean' },
    storage: object('What the database says.', { ok: { type: 'boolean' } }),
    draining: { type: 'boolean' },
    stalled: { type: 'boolean' },
    failing: { type: 'boolean' },
  }),
}

/** All of them by name. */
export function documentSchemas(): { [name: string]: JsonSchema } {
  const protocol = jsonSchemas(refOf)
  const all = {
    ...protocol,
    ...manageSchemas(protocol),
    ...ofrepSchemas,
    ...rampSchemas,
    ...resultsSchemas,
    ...insightSchemas,
    ...recommendationSchemas,
    ...matchSchemas,
    ...recommendationSettingsSchemas,
    ...healthSchemas,
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
}
