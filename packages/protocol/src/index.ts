/** What both ends of the river agree on. */
export { bucketOf, buckets } from './bucket.ts'
export { canonicalJson, configVersion } from './canonical-json.ts'
export { compile } from './compile.ts'
// biome-ignore format: one line a file
export type { Condition, Config, ConfigDefinition, Experiment, ExperimentDefinition, ExperimentStatus, Flag, FlagDefinition, FlagType, HashVersion, Holdout, Namespace, Prerequisite, Range, Rollout, Rule, RuleDefinition, Schedule, UrlTarget, Variant } from './config.ts'
export { evaluateExperiment, evaluateFlag } from './evaluate.ts'
// biome-ignore format: one line a file
export type { Compiled, EvaluateOptions, ExperimentReason, ExperimentResult, Extension, FlagReason, FlagResult, Overrides, Sticky } from './evaluation.ts'
// biome-ignore format: one line a file
export type { Ack, Batch, Context, DropReason, Event, EventType, Json, JsonObject, Page, Rejection } from './event.ts'
export { type FromGrowthBookOptions, fromGrowthBook } from './from-growthbook.ts'
export { fullEvaluator } from './full-evaluator.ts'
export type { GrowthBookPayload } from './growthbook-payload.ts'
export { murmur3 } from './hash.ts'
export { createKey, type KeyKind, keyKind } from './key.ts'
export * as limits from './limits.ts'
export { maxBatchEvents, maxEventBytes, maxNameLength, maxStoreBytes, maxStoreEvents } from './limits.ts'
export { type OpenFeatureReason, openFeatureMetadata, openFeatureReasons } from './openfeature.ts'
export type { EventProblemCode, ProblemBody, ProblemCode, RequestProblemCode } from './problem.ts'
export { publish } from './publish.ts'
export { keepSticky } from './sticky.ts'
export { isEventId, uuidTime, uuidv7 } from './uuid.ts'
export { type ConfigMistake, validate } from './validate.ts'
