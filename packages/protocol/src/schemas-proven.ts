/** What the schemas stand on: values of JSON, and the proof that a schema is its hand-written type. */
import * as z from 'zod'
import type { Json, JsonObject } from './event.ts'

/** `true` where two types are the same, member by member. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/**
 * Gives a schema the name of the hand-written type that it describes. Does not compile where its output is not
 * exactly that type: a field that is missing, or optional on one side only, is an error here.
 */
export function proven<Type>(): <Schema extends z.ZodType>(
  schema: Same<z.output<Schema>, Type> extends true ? Schema : never,
) => z.ZodType<Type> {
  return (schema) => schema as unknown as z.ZodType<Type>
}

/** Any value of JSON. */
export const jsonSchema: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonSchema), jsonObjectSchema]),
)

/** An object of JSON. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), jsonSchema)
