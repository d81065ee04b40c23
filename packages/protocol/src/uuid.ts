/** UUID version 7 (RFC 9562): time-ordered ids, monotonic within one generator. */

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

/**
 * Makes a generator of UUIDv7 strings. Ids of one generator strictly ascend, also within one
 * millisecond and when the clock steps back: the 12 bits after the version count up from a random
 * start (RFC 9562, section 6.2, method 1) and carry into the time when they overflow.
 *
 * @param now the clock, in ms since the epoch
 */
export function uuidv7(now: () => number = Date.now): () => string {
  let last = 0
  let counter = 0
  return () => {
    const random = crypto.getRandomValues(new Uint16Array(5))
    const time = now()
    if (time > last) {
      last = time
      counter = random[4]! & 0x7ff
    } else if (++counter > 0xfff) {
      last++
      counter = random[4]! & 0x7ff
    }
    const ms = hex(last, 12)
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7${hex(counter, 3)}-${hex((random[0]! & 0x3fff) | 0x8000, 4)}-${hex(random[1]!, 4)}${hex(random[2]!, 4)}${hex(random[3]!, 4)}`
  }
}

/**
 * The time in a UUID of version 7 or 8, in ms since the epoch.
 *
 * @returns `undefined` where `id` is not such a UUID
 */
export function uuidTime(id: string): number | undefined {
  return isEventId(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
}

/** Whether `id` can be an event's id: a UUID of version 7 (ours) or 8 (derived from foreign ids). */
export function isEventId(id: string): boolean {
  return /^[\da-f]{8}-[\da-f]{4}-[78][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.test(id)
}
