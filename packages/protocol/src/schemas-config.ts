/** The types of a config as zod schemas, for tools that want to check one at run time. Kept out of pages. */
import * as z from 'zod'
import type {
  Condition,
  Config,
  ConfigDefinition,
  Experiment,
  ExperimentDefinition,
  Flag,
  FlagDefinition,
  Holdout,
  Namespace,
  Prerequisite,
  Rollout,
  Rule,
  Schedule,
  UrlTarget,
  Variant,
} from './config.ts'
import { jsonObjectSchema, jsonSchema, proven } from './schemas-proven.ts'

const ppm = z.int().min(0).max(1_000_000)
const range = z.tuple([ppm, ppm])
const hashVersion = z.literal([1, 2, 3])
const revision = z.int().min(1)
const text = z.string().min(1)
const meta = jsonObjectSchema

/** A condition. Whether its operators exist, `validate` says. */
export const conditionSchema: z.ZodType<Condition> = z.record(z.string(), jsonSchema)

/** From when to when. */
export const scheduleSchema: z.ZodType<Schedule> = proven<Schedule>()(
  z.strictObject({ start: z.int().min(0).exactOptional(), end: z.int().min(0).exactOptional() }),
)
/** Another flag that must have a value first. */
export const prerequisiteSchema: z.ZodType<Prerequisite> = proven<Prerequisite>()(
  z.strictObject({
    flag: text,
    condition: conditionSchema.exactOptional(),
    gate: z.boolean().exactOptional(),
  }),
)
/** A namespace. */
export const namespaceSchema: z.ZodType<Namespace> = proven<Namespace>()(
  z.strictObject({
    name: text,
    ranges: z.array(range),
    holdout: z.boolean().exactOptional(),
    hashVersion: hashVersion.exactOptional(),
    attribute: text.exactOptional(),
    seed: text.exactOptional(),
  }),
)
/** A holdout. */
export const holdoutSchema: z.ZodType<Holdout> = proven<Holdout>()(
  z.strictObject({
    coverage: ppm,
    hashVersion: hashVersion.exactOptional(),
    attribute: text.exactOptional(),
    seed: text.exactOptional(),
  }),
)
/** A rollout. */
export const rolloutSchema: z.ZodType<Rollout> = proven<Rollout>()(
  z.strictObject({
    coverage: ppm.exactOptional(),
    ranges: z.array(range).exactOptional(),
    attribute: text.exactOptional(),
    fallback: text.exactOptional(),
    seed: text.exactOptional(),
    hashVersion: hashVersion.exactOptional(),
  }),
)
/** An address, or many. */
export const urlTargetSchema: z.ZodType<UrlTarget> = proven<UrlTarget>()(
  z.strictObject({ type: z.enum(['simple', 'regex']), pattern: text, include: z.boolean().exactOptional() }),
)

const ruleFields = {
  id: text,
  value: jsonSchema.exactOptional(),
  experiment: text.exactOptional(),
  condition: conditionSchema.exactOptional(),
  schedule: scheduleSchema.exactOptional(),
  rollout: rolloutSchema.exactOptional(),
  namespaces: z.array(namespaceSchema).exactOptional(),
  prerequisites: z.array(prerequisiteSchema).exactOptional(),
  meta: meta.exactOptional(),
}
const rule: z.ZodType<Rule> = proven<Rule>()(z.strictObject(ruleFields))
const roles = z.array(text).exactOptional()

const flagFields = {
  type: z.enum(['boolean', 'string', 'number', 'json']),
  value: jsonSchema,
  enabled: z.boolean().exactOptional(),
  off: jsonSchema.exactOptional(),
  revision,
  meta: meta.exactOptional(),
}
/** A flag, as pages get it. */
export const flagSchema: z.ZodType<Flag> = proven<Flag>()(
  z.strictObject({ ...flagFields, rules: z.array(rule).exactOptional() }),
)

/** A flag, as people manage it. */
export const flagDefinitionSchema: z.ZodType<FlagDefinition> = proven<FlagDefinition>()(
  z.strictObject({
    ...flagFields,
    rules: z.array(z.strictObject({ ...ruleFields, roles })).exactOptional(),
    description: text.exactOptional(),
    createdBy: text.exactOptional(),
  }),
)

/** An arm of an experiment. */
export const variantSchema: z.ZodType<Variant> = proven<Variant>()(
  z.strictObject({
    key: text,
    weight: ppm,
    isControl: z.boolean().exactOptional(),
    configuration: jsonSchema.exactOptional(),
    passthrough: z.boolean().exactOptional(),
    meta: meta.exactOptional(),
  }),
)

const experimentFields = {
  status: z.enum(['draft', 'running', 'paused', 'completed']),
  revision,
  variants: z.array(variantSchema),
  coverage: ppm.exactOptional(),
  ranges: z.array(range).exactOptional(),
  attribute: text.exactOptional(),
  fallback: text.exactOptional(),
  seed: text.exactOptional(),
  hashVersion: hashVersion.exactOptional(),
  namespaces: z.array(namespaceSchema).exactOptional(),
  condition: conditionSchema.exactOptional(),
  prerequisites: z.array(prerequisiteSchema).exactOptional(),
  schedule: scheduleSchema.exactOptional(),
  urls: z.array(urlTargetSchema).exactOptional(),
  forced: z.record(z.string(), z.string()).exactOptional(),
  force: text.exactOptional(),
  winner: text.exactOptional(),
  assignmentKey: z.string().exactOptional(),
  bucketVersion: z.int().min(0).exactOptional(),
  minBucketVersion: z.int().min(0).exactOptional(),
  disableSticky: z.boolean().exactOptional(),
  meta: meta.exactOptional(),
}
/** An experiment, as pages get it. */
export const experimentSchema: z.ZodType<Experiment> = proven<Experiment>()(z.strictObject(experimentFields))

/** An experiment, as people manage it. */
export const experimentDefinitionSchema: z.ZodType<ExperimentDefinition> = proven<ExperimentDefinition>()(
  z.strictObject({
    ...experimentFields,
    roles,
    holdouts: z.array(text).exactOptional(),
    name: text,
    hypothesis: text,
    description: text.exactOptional(),
    targetSampleSize: revision.exactOptional(),
    confidenceLevel: z.number().min(0.5).lt(1).exactOptional(),
    testing: z.enum(['fixed', 'group sequential', 'always valid']).exactOptional(),
    createdBy: text.exactOptional(),
  }),
)

/** What `GET /v1/config` answers. */
export const configSchema: z.ZodType<Config> = proven<Config>()(
  z.strictObject({
    version: text,
    flags: z.record(z.string(), flagSchema),
    experiments: z.record(z.string(), experimentSchema),
  }),
)

/** What people manage, and what a config is published of. */
export const configDefinitionSchema: z.ZodType<ConfigDefinition> = proven<ConfigDefinition>()(
  z.strictObject({
    flags: z.record(z.string(), flagDefinitionSchema),
    experiments: z.record(z.string(), experimentDefinitionSchema),
    holdouts: z.record(z.string(), holdoutSchema).exactOptional(),
    groups: z.record(z.string(), z.array(jsonSchema)).exactOptional(),
  }),
)
