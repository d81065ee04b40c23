/** The schemas as JSON Schema (draft 2020-12), for documents such as OpenAPI's. */
import * as z from 'zod'
import {
  ackSchema,
  batchSchema,
  configDefinitionSchema,
  configSchema,
  contextSchema,
  eventProblemCodeSchema,
  eventSchema,
  experimentDefinitionSchema,
  experimentSchema,
  flagDefinitionSchema,
  flagSchema,
  pageSchema,
  problemSchema,
  rejectionSchema,
  requestProblemCodeSchema,
} from './schemas.ts'
import {
  conditionSchema,
  holdoutSchema,
  namespaceSchema,
  prerequisiteSchema,
  rolloutSchema,
  scheduleSchema,
  urlTargetSchema,
  variantSchema,
} from './schemas-config.ts'
import { jsonObjectSchema, jsonSchema } from './schemas-proven.ts'

/** A JSON Schema. */
export interface JsonSchema {
  [keyword: string]: unknown
}

const named: [name: string, schema: z.ZodType, description: string][] = [
  ['Ack', ackSchema, 'What became of a batch.'],
  ['Batch', batchSchema, 'What one request carries.'],
  ['Condition', conditionSchema, 'A question about attributes.'],
  ['Config', configSchema, 'All that evaluation reads.'],
  ['ConfigDefinition', configDefinitionSchema, 'All flags and experiments as people manage them.'],
  ['Context', contextSchema, 'What the sender is.'],
  ['Event', eventSchema, 'An event, as it is stored.'],
  ['EventProblemCode', eventProblemCodeSchema, 'Why an event is refused.'],
  ['Experiment', experimentSchema, 'What a page needs of an experiment.'],
  ['ExperimentDefinition', experimentDefinitionSchema, 'An experiment as people manage it.'],
  ['Flag', flagSchema, 'A flag, as pages get it.'],
  ['FlagDefinition', flagDefinitionSchema, 'A flag as people manage it.'],
  ['Holdout', holdoutSchema, 'Visitors kept out of several experiments at once.'],
  ['Json', jsonSchema, 'Any value of JSON.'],
  ['JsonObject', jsonObjectSchema, 'An object of JSON.'],
  ['Namespace', namespaceSchema, 'Who may be in at all: shares that experiments do not have in common.'],
  ['Page', pageSchema, 'The page that an event happened on.'],
  ['Prerequisite', prerequisiteSchema, 'Another flag that must have a value first.'],
  ['Problem', problemSchema, 'Why a request is refused (RFC 9457).'],
  ['Rejection', rejectionSchema, 'An event that was refused.'],
  ['RequestProblemCode', requestProblemCodeSchema, 'Why a request is refused.'],
  ['Rollout', rolloutSchema, 'A part of all units, cut by hash; shares are in ppm.'],
  ['Schedule', scheduleSchema, 'From when to when, in ms since the epoch.'],
  ['UrlTarget', urlTargetSchema, 'Where an experiment runs.'],
  ['Variant', variantSchema, 'One arm of an experiment; its weight is in ppm.'],
]

/**
 * Each type by its name, as JSON Schema of draft 2020-12.
 *
 * @param uri how one refers to another, such as `#/components/schemas/Flag`
 */
export function jsonSchemas(uri: (name: string) => string): { [name: string]: JsonSchema } {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of named) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    uri,
    target: 'draft-2020-12',
    // What may be sent: further fields are passed over, except where a schema is strict.
    io: 'input',
    override({ jsonSchema }) {
      // That names are texts is so in JSON.
      delete jsonSchema.propertyNames
    },
  })
  return Object.fromEntries(
    named.map(([name, , description]) => {
      const { $schema: _draft, $id: _address, ...schema } = schemas[name] as JsonSchema
      return [name, { description, ...schema }]
    }),
  )
}
