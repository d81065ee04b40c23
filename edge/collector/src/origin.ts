/** Origins of pages: their one normal form, and whether a key allows one. */

/**
 * The normal form of an origin: lower-case scheme and host, port only where it is not the scheme's own.
 *
 * @returns `undefined` where the text is not exactly an origin (`null`, a path, a user, a wildcard)
 */
export function normalOrigin(text: string): string | undefined {
  if (!/^[a-z][\d+.a-z-]*:\/\/[^\s/?#@*\\]+\/?$/i.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.host === '' ? undefined : `${url.protocol}//${url.host.toLowerCase()}`
}

/**
 * Whether a key that lists `allowed` may be used by a page at `origin`. An empty list allows every page, also
 * those without an origin of their own (`null`: sandboxed frames, local files); any list allows exact matches
 * of the normal form only. This keeps honest sites apart and is no authentication: a program can send any
 * Origin it likes.
 */
export function originAllowed(origin: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true
  const normal = normalOrigin(origin)
  if (normal === undefined) return false
  return allowed.includes(normal) || allowed.some((entry) => normalOrigin(entry) === normal)
}

/**
 * Lets the page at `origin` read an answer, failures included: an SDK that cannot read a 401 would take it for
 * a broken network and try for ever. Never with credentials.
 *
 * @param answer where the headers go, such as Hono's context
 */
export function allowOrigin(answer: { header(name: string, value: string): void }, origin: string): void {
  // "null" is no name that an answer should bless; without credentials a star says the same.
  answer.header('Access-Control-Allow-Origin', origin === 'null' ? '*' : origin)
  answer.header('Access-Control-Expose-Headers', 'Retry-After, ETag')
}
