/** Typed events in production: the types alone, no schema is ever asked. */
import type { DefinedEvents } from '../plugin.ts'
import type { EventSchemas } from '../typed-events.ts'

/**
 * Makes the plugin: with it `track()` takes these events only, with their properties.
 *
 * @example
 * const nunchi = createNunchi({ key, host, use: [defineEvents({ 'Signed Up': z.object({ plan: z.string() }) })] })
 * nunchi.track('Signed Up', { plan: 'free' })
 */
export function defineEvents<Schemas extends EventSchemas>(schemas: Schemas): DefinedEvents<Schemas> {
  return { name: 'eventNames', setup: () => Object.keys(schemas) }
}
