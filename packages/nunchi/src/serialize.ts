/** Writes an event as JSON once, when it happens: later changes to the caller's objects change nothing. */
import type { Event } from '@nunchi/protocol'

/**
 * The event's JSON.
 *
 * What JSON cannot carry does not cost the event: a bigint becomes text, a circle is left out.
 *
 * @throws where a `toJSON` of the caller's throws
 */
export function serialize(event: Event): string {
  try {
    return JSON.stringify(event)
  } catch {
    const open: unknown[] = []
    return JSON.stringify(event, function (this: unknown, _key, value: unknown) {
      if (typeof value === 'bigint') return `${value}`
      // The objects between the root and here: one that comes again is a circle, not a mere repetition.
      open.splice(open.indexOf(this) + 1)
      if (open.includes(value)) return
      open.push(value)
      return value
    })
  }
}
