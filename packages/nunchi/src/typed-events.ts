/** Typed events: names and properties as schemas of any library say them. */
import type { Saved } from './saver.ts'

/** What a schema says of a value. */
export interface SchemaResult {
  /** Absent where the value is valid. */
  issues?: readonly SchemaIssue[] | undefined
}

/** What is wrong with a value, and where. */
export interface SchemaIssue {
  message: string
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined
}

/** A schema that keeps to Standard Schema 1 (https://standardschema.dev), such as zod's, valibot's and arktype's. */
export interface StandardSchema<Input = unknown> {
  '~standard': {
    version: 1
    vendor: string
    validate(value: unknown): SchemaResult | Promise<SchemaResult>
    types?: { input: Input; output: unknown } | undefined
  }
}

/** The events of a site: a schema of the properties by each event's name. */
export interface EventSchemas {
  [name: string]: StandardSchema
}

/** What a schema takes. */
type InputOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input']

/** `track()` that knows its events: properties may be left out where none is required. */
export type TypedTrack<Schemas extends EventSchemas> = <Name extends keyof Schemas & string>(
  name: Name,
  ...properties: Record<never, never> extends InputOf<Schemas[Name]>
    ? [properties?: InputOf<Schemas[Name]>]
    : [properties: InputOf<Schemas[Name]>]
) => Promise<Saved>
