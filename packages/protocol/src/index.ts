/** What both ends of the river agree on. */
export { canonicalJson, configVersion } from './canonical-json.ts'
// biome-ignore format: one line a file
export type { Condition, Config, ConfigDefinition, Experiment, ExperimentDefinition, ExperimentStatus, Flag, FlagDefinition, FlagType, HashVersion, Holdout, Namespace, Prerequisite, Range, Rollout, Rule, Schedule, UrlTarget, Variant } from './config.ts'
// biome-ignore format: one line a file
export type { Ack, Batch, Context, DropReason, Event, EventType, Json, JsonObject, Page, Rejection } from './event.ts'
export { murmur3 } from './hash.ts'
export { createKey, type KeyKind, keyKind } from './key.ts'
export * as limits from './limits.ts'
export { maxBatchEvents, maxEventBytes, maxNameLength, maxStoreBytes, maxStoreEvents } from './limits.ts'
export type { EventProblemCode, ProblemBody, ProblemCode, RequestProblemCode } from './problem.ts'
export { isEventId, uuidTime, uuidv7 } from './uuid.ts'
