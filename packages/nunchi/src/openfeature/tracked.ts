/** What OpenFeature's `track()` records: a conversion, and what was said of it besides. */
import type { JsonObject } from '@nunchi/protocol'

/** One call of `track()`. */
export interface Tracked {
  /** Of the conversion: what experiments are judged by. */
  metric: string
  value?: number
  step?: string
  /** All details, where there are more than a conversion has. */
  details?: JsonObject
}

/** Reads a call of `track()`. */
export function trackedOf(metric: string, said: object | undefined): Tracked {
  const details = JSON.parse(JSON.stringify(said ?? {})) as JsonObject
  const { value, step, ...more } = details
  return {
    metric,
    ...(typeof value === 'number' && { value }),
    ...(typeof step === 'string' && { step }),
    ...(Object.keys(more).length && { details }),
  }
}
