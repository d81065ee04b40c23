/** Takes out of a text what could name a person or open a door: e-mail addresses, tokens, the values of queries. */

/** More than this of a text is not looked at, in characters. */
const mostText = 4000

/** Each pattern with what stands in its place; repetitions are bounded, so that no text takes long. */
const patterns: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/[^\s@"'<>()[\],;:=/]{1,64}@[^\s@"'<>()[\],;:=/]{1,255}/g, '[email]'],
  [/([?&#][\w.%[\]-]{1,64}=)[^\s&#"')]+/g, '$1…'],
  [/\b(bearer\s+|(?:token|password|passwd|pwd|secret|api[-_]?key)["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, '$1…'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]+)*/g, '[token]'],
  [/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi, '[token]'],
  // Long runs of letters with a digit among them: keys and ids. The hashes that builds put into names are shorter.
  [/\b(?=\w{0,64}\d)\w{24,}/g, '[token]'],
  // Telephone numbers, cards, account numbers.
  [/\b\d(?:[ -]?\d){8,}\b/g, '[number]'],
]

/** The text with `[email]`, `[token]`, `[number]` and `…` where such things stood; cut at 4000 characters. */
export function redactText(text: string): string {
  let safe = text.slice(0, mostText)
  for (const [pattern, instead] of patterns) safe = safe.replace(pattern, instead)
  return safe
}
