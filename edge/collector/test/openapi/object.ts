/** The small words that the OpenAPI document is written with. */
import type { JsonSchema } from '@nunchi/protocol/json-schemas'

/** Where a schema of the document stands. */
export const refOf = (name: string): string => `#/components/schemas/${name}`

/** Another schema of the document. */
export const ref = (name: string): JsonSchema => ({ $ref: refOf(name) })

/** An object; fields that end in `?` may be absent. */
export function object(description: string, fields: { [field: string]: JsonSchema }): JsonSchema {
  const entries = Object.entries(fields)
  return {
    description,
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace('?', ''), schema])),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
  }
}

/** An object whose values are all of one kind. */
export const mapOf = (name: string): JsonSchema => ({ type: 'object', additionalProperties: ref(name) })

/** A list. */
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** JSON in a body or an answer. */
export const json = (schema: JsonSchema): object => ({ 'application/json': { schema } })

/** An answer of a status. */
export const answer = (description: string, schema?: JsonSchema): object => ({
  description,
  ...(schema && { content: json(schema) }),
})

/** The refusals by their statuses, as problem+json. */
export function problems(...statuses: number[]): { [status: string]: object } {
  return Object.fromEntries(
    statuses.map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]),
  )
}
