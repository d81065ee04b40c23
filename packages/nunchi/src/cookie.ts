/** The id cookie: how it is read and written, on both ends. */

/** What an id looks like; anything else in the cookie is nobody's. */
export const idPattern: RegExp = /^[\w-]{16,64}$/

/** How long the cookie lives, in seconds: browsers allow 400 days. */
export const cookieAge = 34_128_000

/** The cookie's value in a `Cookie` header; empty where it is not there. */
export function idInCookies(header: string, name: string): string {
  const start = `${name}=`
  const pair = header.split(/; */).find((one) => one.startsWith(start))
  return pair?.slice(start.length) ?? ''
}

/** As `Set-Cookie` and `document.cookie` take it; an empty id removes the cookie. */
export function cookieText(name: string, id: string, secure: boolean): string {
  return `${name}=${id}; path=/; max-age=${id ? cookieAge : 0}; samesite=lax${secure ? '; secure' : ''}`
}
