/** Text from outside as text and nothing else: short, on one line, without what steers a screen or names a person. */

/** Control characters, invisible ones, and those that turn the direction of writing. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu

/** On one line, well-formed, without invisible characters; at most `most` characters. */
export function plainText(text: string, most: number): string {
  const line = text
    .slice(0, most * 8)
    .toWellFormed()
    .normalize('NFC')
    .replace(unseen, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const characters = [...line]
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line
}

/** What points to one person, or away from here: addresses, handles, ids, and numbers long enough to call. */
const pointing: readonly RegExp[] = [
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
  /\b[a-z][a-z\d+.-]*:\/\/\S+/gi,
  /\bwww\.\S+/gi,
  /(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]{2,}/gu,
  /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi,
  /\b(?=[a-z_-]*\d)(?=\d*[a-z_-])[\w-]{20,}/gi,
  /\+?\p{Nd}(?:[\s().-]{0,2}\p{Nd}){6,}/gu,
]

/** Whether a text holds an address, a handle, an id or a long number. */
export function pointsSomewhere(text: string): boolean {
  return pointing.some((pattern) => new RegExp(pattern.source, pattern.flags.replace('g', '')).test(text))
}

/** The text with each of those as `[…]`. */
export function withoutPointers(text: string): string {
  return pointing.reduce((left, pattern) => left.replace(pattern, '[…]'), text)
}
