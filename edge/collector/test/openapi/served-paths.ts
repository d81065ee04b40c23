/** The paths of the OpenAPI document that pages, servers and load balancers ask; the manage API writes its own. */

import { matchPaths } from './matches.ts'
import { answer, json, problems, ref } from './object.ts'
import { rampPaths } from './ramps.ts'
import { recommendationPaths } from './recommendations.ts'

const pageOrServer = [{ publicKey: [] }, { serverKey: [] }]
const etag = { ETag: { schema: { type: 'string' } } }
const ifNoneMatch = { name: 'If-None-Match', in: 'header', schema: { type: 'string' } }
const evaluationBody = { required: false, content: json(ref('EvaluationRequest')) }

const events = {
  post: {
    operationId: 'postEvents',
    summary: 'Stores a batch exactly once, and says what became of each event.',
    security: pageOrServer,
    parameters: [
      {
        name: 'ack',
        in: 'query',
        schema: { enum: ['none'] },
        description: '`none` answers 204 without a body.',
      },
      { name: 'gzip', in: 'query', schema: { enum: ['1'] }, description: 'The body is gzip.' },
    ],
    requestBody: {
      required: true,
      content: { ...json(ref('Batch')), 'text/plain': { schema: { type: 'string' } } },
    },
    responses: {
      202: answer('Each event is stored, was stored before, or is refused by name.', ref('Ack')),
      204: answer('Stored; asked for by `ack=none`.'),
      ...problems(400, 401, 403, 405, 408, 413, 415, 429, 500, 503),
    },
  },
}

const config = {
  get: {
    operationId: 'getConfig',
    summary: 'The flags and experiments in force, to be evaluated where they are read.',
    security: pageOrServer,
    parameters: [ifNoneMatch],
    responses: {
      200: { ...answer('The config.', ref('Config')), headers: etag },
      304: answer('It is the one that `If-None-Match` names.'),
      ...problems(401, 403, 405, 429, 503),
    },
  },
}

const configStream = {
  get: {
    operationId: 'streamConfig',
    summary: 'Tells the version in force, at once and each time there is another (server-sent events).',
    security: [{ publicKey: [] }],
    responses: {
      200: {
        description: 'Events named `config`, whose data is the version.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      204: answer('There are no streams here; ask for the config once a minute.'),
      ...problems(401, 403, 405, 429, 503),
    },
  },
}

const evaluateAll = {
  post: {
    operationId: 'evaluateFlags',
    summary: 'Evaluates all flags (OFREP 0.3).',
    security: [{ ofrepKey: [] }],
    parameters: [ifNoneMatch],
    requestBody: evaluationBody,
    responses: {
      200: { ...answer('All flags.', ref('Evaluations')), headers: etag },
      304: answer('Nothing is different from what `If-None-Match` names.'),
      400: answer('The context is none.', ref('EvaluationFailure')),
      ...problems(401, 403, 413, 429, 503),
    },
  },
}

const evaluateOne = {
  post: {
    operationId: 'evaluateFlag',
    summary: 'Evaluates one flag (OFREP 0.3).',
    security: [{ ofrepKey: [] }],
    parameters: [{ name: 'key', in: 'path', required: true, schema: { type: 'string' } }],
    requestBody: evaluationBody,
    responses: {
      200: answer('Its value.', ref('Evaluation')),
      400: answer('The context is none, or the flag cannot be evaluated here.', ref('EvaluationFailure')),
      404: answer('There is no such flag.', ref('EvaluationFailure')),
      ...problems(401, 403, 413, 429, 503),
    },
  },
}

const live = {
  get: {
    operationId: 'live',
    summary: 'Whether the process runs.',
    security: [],
    responses: { 200: answer('It does.', ref('Live')) },
  },
}

const ready = {
  get: {
    operationId: 'ready',
    summary: 'Whether it should be given work.',
    security: [],
    responses: { 200: answer('It should.', ref('Ready')), 503: answer('It should not.', ref('Ready')) },
  },
}

const cacheTest = {
  get: {
    operationId: 'testCache',
    summary: 'Writes to the cache, reads back, and waits until it forgets.',
    security: [{ serverKey: [] }],
    responses: { 200: answer('It works.', ref('CacheTest')), ...problems(401, 403, 405, 429, 503) },
  },
}

const insight = (operationId: string, of: string) => ({
  get: {
    operationId,
    summary: `Says in words why ${of}, and how to begin.`,
    description:
      'A server key with the scope `insights:read`, which may say for whom it asks; or a public key with a visitor’s token as bearer, for what is that visitor’s own. Where insights are switched off there is no such path.',
    security: [{ serverKey: [] }, { publicKey: [], visitorToken: [] }],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'language', in: 'query', schema: { enum: ['en', 'ko'] } },
      { name: 'userId', in: 'query', schema: { type: 'string' } },
      { name: 'anonymousId', in: 'query', schema: { type: 'string' } },
    ],
    responses: { 200: answer('The insight.', ref('Insight')), ...problems(401, 403, 404, 405, 429, 503) },
  },
})

const named = (name: string, description: string, schema: object = { type: 'string' }) => ({
  name,
  in: 'query',
  schema,
  description,
})
const dimension = { enum: ['country', 'deviceClass', 'browser', 'os'] }

const results = {
  get: {
    operationId: 'getResults',
    summary: 'What an experiment did, and what to do.',
    description: 'A server key with the scope `results:read`.',
    security: [{ serverKey: [] }],
    parameters: [
      { name: 'key', in: 'path', required: true, schema: { type: 'string' } },
      named('revision', 'Which revision; the newest where absent.'),
      named('dimension', 'Takes the units apart by it.', dimension),
      named('stratify', 'Compares within its values, and combines.', dimension),
      named('series', 'The interval at the end of each day.', { enum: ['day'] }),
      named('correction', 'Of several goals and variants.', { enum: ['holm', 'benjamini-hochberg'] }),
    ],
    responses: {
      200: answer('Its results, or why there are none.', ref('ExperimentResults')),
      ...problems(400, 401, 403, 404, 429, 503),
    },
  },
}

/** They, by path. */
export const servedPaths: { [path: string]: object } = {
  '/v1/events': events,
  '/v1/experiments/{key}/results': results,
  '/v1/config': config,
  '/v1/config/stream': configStream,
  '/ofrep/v1/evaluate/flags': evaluateAll,
  '/ofrep/v1/evaluate/flags/{key}': evaluateOne,
  ...rampPaths,
  ...recommendationPaths,
  ...matchPaths,
  '/v1/insights/match/{id}': insight('explainMatch', 'two people fit'),
  '/v1/insights/recommendation/{id}': insight('explainRecommendation', 'a list was recommended'),
  '/v1/cache/test': cacheTest,
  '/health/live': live,
  '/health/ready': ready,
}
