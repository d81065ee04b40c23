/** The OpenAPI 3.1 document of the collector, made of its manage operations and the schemas of the protocol. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonSchema } from '@nunchi/protocol/json-schemas'
import type { Operation } from '../../src/manage/operation.ts'
import { managePath, operations } from '../../src/manage/operations.ts'
import { answer, json, problems, ref } from './object.ts'
import { documentSchemas } from './schemas.ts'
import { servedPaths } from './served-paths.ts'

/** An OpenAPI document. */
export interface OpenApi {
  openapi: string
  paths: { [path: string]: { [method: string]: { [member: string]: unknown } } }
  components: { schemas: { [name: string]: JsonSchema }; [kind: string]: object }
  [member: string]: unknown
}

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  schema: { type: 'string' },
  description: 'The number that the change was made on, such as `"12"`; 409 where another is in force.',
}

function parametersOf({ path, query = {}, scope, unnumbered }: Operation): object[] {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const asked = Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
    description,
  }))
  return [...parts, ...asked, ...(scope === 'config:write' && !unnumbered ? [ifMatch] : [])]
}

function operationOf(operation: Operation): { [member: string]: unknown } {
  const { id, summary, scope, body, answer: answered } = operation
  return {
    operationId: id,
    tags: ['manage'],
    summary,
    description: `A server key with the scope \`${scope}\`.`,
    security: [{ serverKey: [] }],
    parameters: parametersOf(operation),
    ...(body && { requestBody: { required: body !== 'Completion', content: json(ref(body)) } }),
    responses: {
      200: answer(scope === 'config:write' ? 'Published.' : 'As asked.', ref(answered)),
      ...problems(400, 401, 403, 404, 409, 413, 422, 429, 500, 503),
    },
  }
}

function managePaths(): OpenApi['paths'] {
  const paths: OpenApi['paths'] = {}
  for (const operation of operations) {
    const path = managePath + operation.path
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationOf(operation) }
  }
  return paths
}

const refusals: { [status: string]: string } = {
  400: 'The body is not what is expected.',
  401: 'No key that is in force.',
  403: 'The key may not do that, or not from there.',
  404: 'There is no such flag, experiment or number.',
  405: 'Another method is expected.',
  408: 'The body did not arrive in its time.',
  409: 'Not as things stand: somebody was faster, or the status forbids it.',
  413: 'Too large.',
  415: 'An encoding that is not read.',
  422: 'A definition with mistakes, each by its path.',
  429: 'More requests than the limit allows; `Retry-After` says when.',
  500: 'The collector failed.',
  503: 'The database does not answer; `Retry-After` says when.',
}

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description })

/** Makes it. */
export function openApi(): OpenApi {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string
  }
  const problem = { 'application/problem+json': { schema: ref('Problem') } }
  const responses = Object.entries(refusals).map(([status, description]) => [
    `Problem${status}`,
    { description, content: problem },
  ])
  return {
    openapi: '3.1.1',
    info: {
      title: 'nunchi collector',
      version,
      description: 'Events in, flags and experiments out, and their management.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The collector.' }],
    tags: [{ name: 'manage', description: 'Flags and experiments of the key’s environment.' }],
    paths: { ...servedPaths, ...managePaths() } as OpenApi['paths'],
    components: {
      securitySchemes: {
        publicKey: { type: 'apiKey', in: 'query', name: 'key', description: '`nk_pub_…`, as in pages.' },
        serverKey: bearer('`nk_srv_…`; never from a browser.'),
        visitorToken: bearer('A visitor’s signed token, beside the public key.'),
        ofrepKey: bearer('`nk_pub_…`, or `nk_srv_…` with the scope `config:read`.'),
      },
      responses: Object.fromEntries(responses),
      schemas: documentSchemas(),
    },
  }
}

/** It as text, as it is committed. */
export const openApiText = (): string => `${JSON.stringify(openApi(), null, 2)}\n`
