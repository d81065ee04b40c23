/** The ramps of the OpenAPI document: their paths, and the schemas of what is sent and answered. */
import type { JsonSchema } from '@nunchi/protocol/json-schemas'
import { answer, json, listOf, object, problems, ref } from './object.ts'

const text: JsonSchema = { type: 'string' }
const number: JsonSchema = { type: 'number' }
const whole: JsonSchema = { type: 'integer', minimum: 0 }
const time: JsonSchema = { type: 'integer', description: 'In ms since the epoch.' }
const share: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: 1_000_000,
  description: 'In ppm: of a flag who gets the new value, of an experiment who takes part.',
}
const direction: JsonSchema = { enum: ['increase', 'decrease'], description: 'Which way is better.' }
const key = { name: 'key', in: 'path', required: true, schema: text }

const look = object('One look at the data.', {
  look: whole,
  step: whole,
  progress: { ...number, description: 'How much of the plan was over, from 0 to 1.' },
  tests: listOf(
    object('One guardrail of one treatment: its figures, or `noResult` and why.', {
      metric: text,
      variant: text,
      'noResult?': text,
      'meanControl?': number,
      'meanTreatment?': number,
      'difference?': number,
      'se?': number,
      'z?': { ...number, description: 'Standard errors beyond the margin, in the harmful direction.' },
      'bound?': { ...number, description: 'At which z it is hurt at this look.' },
      'pValue?': number,
      'hurt?': { type: 'boolean' },
      'information?': number,
      'spent?': number,
      'setApart?': object('A few events that have no number, and are in no figure.', {
        events: whole,
        example: { type: ['string', 'null'] },
      }),
    }),
  ),
  decision: text,
  at: time,
})

/** They, by name. */
export const rampSchemas: { [name: string]: JsonSchema } = {
  RampInput: object('A ramp to start.', {
    steps: listOf(
      object('One step; each larger than the one before.', {
        share,
        'leastHours?': { ...number, description: '24 where absent.' },
        'leastUnits?': { ...whole, description: 'Units compared; 1000 where absent.' },
      }),
    ),
    guardrails: listOf(
      object('What may not be hurt.', {
        metric: { ...text, description: 'The key of a metric.' },
        'direction?': direction,
        'margin?': { ...number, description: 'How much worse than the control it may be, as a share of it.' },
      }),
    ),
    'alpha?': { ...number, description: 'The chance to roll an unhurt ramp back; 0.05 where absent.' },
    'value?': { description: 'Of a flag: the value that it ramps to; true for a boolean flag.' },
    'rule?': { ...text, description: 'Of a flag: the rule whose rollout the ramp takes the place of.' },
    'experiment?': { ...text, description: 'Of a flag: the key of the experiment that compares.' },
  }),
  RampStatus: object('A ramp, and how it stands.', {
    id: text,
    kind: { enum: ['flag', 'experiment'] },
    key: text,
    experiment: text,
    revision: whole,
    plan: { type: 'object' },
    state: { enum: ['running', 'paused', 'done', 'rolled_back', 'stopped'] },
    step: { ...whole, description: 'From 0.' },
    reason: object('Why it is in this state, or what it waits for.', { code: text, en: text, ko: text }),
    turn: whole,
    actor: text,
    startedAt: time,
    updatedAt: time,
    endedAt: { type: ['integer', 'null'] },
    now: time,
    steps: listOf(
      object('A step that began.', {
        step: whole,
        coverage: whole,
        number: whole,
        startedAt: time,
        endedAt: { type: ['integer', 'null'] },
      }),
    ),
    looks: listOf(look),
  }),
}

function operation(
  id: string,
  summary: string,
  scope: 'config:read' | 'config:write',
  body?: string,
): object {
  const statuses = body ? [400, 401, 403, 404, 409, 413, 422, 429, 503] : [401, 403, 404, 409, 429, 503]
  return {
    operationId: id,
    tags: ['manage'],
    summary,
    description: `A server key with the scope \`${scope}\`.`,
    security: [{ serverKey: [] }],
    parameters: [key],
    ...(body && { requestBody: { required: true, content: json(ref(body)) } }),
    responses: { 200: answer('How it stands.', ref('RampStatus')), ...problems(...statuses) },
  }
}

function pathsOf(kind: 'flag' | 'experiment', Name: string): { [path: string]: object } {
  const at = `/v1/${kind}s/{key}/ramp`
  return {
    [at]: {
      get: operation(`get${Name}Ramp`, `How the newest ramp of the ${kind} stands.`, 'config:read'),
      put: operation(`start${Name}Ramp`, `Starts a ramp of the ${kind}.`, 'config:write', 'RampInput'),
      delete: operation(`stop${Name}Ramp`, 'Ends the ramp; the share stays.', 'config:write'),
    },
    [`${at}/pause`]: {
      post: operation(`pause${Name}Ramp`, 'Neither advances nor rolls back for now.', 'config:write'),
    },
    [`${at}/resume`]: { post: operation(`resume${Name}Ramp`, 'Goes on with a paused ramp.', 'config:write') },
  }
}

/** They, by path. */
export const rampPaths: { [path: string]: object } = {
  ...pathsOf('flag', 'Flag'),
  ...pathsOf('experiment', 'Experiment'),
}
