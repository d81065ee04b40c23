/** How deep a JSON text nests, told from the text alone, before anything recursive sees it. */

/** The deepest nesting that is parsed: a batch needs 19 (its own, the events', and properties 16 deep). */
export const maxBodyDepth = 128

const quote = 0x22
const backslash = 0x5c

/** The position of the quote that ends the string beginning before `from`; the text's length where there is none. */
function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

/** Whether the text nests objects and arrays more than `limit` deep. One pass, no recursion; need not be valid JSON. */
export function deeperThan(text: string, limit: number = maxBodyDepth): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === quote) i = stringEnd(text, i + 1)
    // [ is 0x5b and { is 0x7b; ] is 0x5d and } is 0x7d: they differ in one bit.
    else if ((code | 0x20) === 0x7b && ++depth > limit) return true
    else if ((code | 0x20) === 0x7d) depth--
  }
  return false
}
