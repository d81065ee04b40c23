/** How deep a JSON text nests, told from the text alone, before anything recursive sees it. */

/** The deepest nesting that is parsed: a batch needs 19 (its own, the events', and properties 16 deep). */
export const maxBodyDepth = 128

const quote = 0x22
const backslash = 0x5c

/** How often `sign` stands in the text; stops counting at more than `most`. */
function countOf(text: string, sign: string, most: number): number {
  let count = 0
  for (let at = text.indexOf(sign); at >= 0 && count <= most; at = text.indexOf(sign, at + 1)) count++
  return count
}

/** Whether the text nests objects and arrays more than `limit` deep. One pass, no recursion; need not be valid JSON. */
export function deeperThan(text: string, limit: number = maxBodyDepth): boolean {
  // Most bodies do not open as many at all, which is found faster than how they nest.
  const objects = countOf(text, '{', limit)
  if (objects <= limit && objects + countOf(text, '[', limit - objects) <= limit) return false
  const { length } = text
  let depth = 0
  for (let i = 0; i < length; i++) {
    let code = text.charCodeAt(i)
    if (code === quote) {
      // To the end of the string; what an escape names is passed over with it.
      while (++i < length) {
        code = text.charCodeAt(i)
        if (code === backslash) i++
        else if (code === quote) break
      }
      // [ is 0x5b and { is 0x7b; ] is 0x5d and } is 0x7d: they differ in one bit.
    } else if ((code | 0x20) === 0x7b) {
      if (++depth > limit) return true
    } else if ((code | 0x20) === 0x7d) depth--
  }
  return false
}
