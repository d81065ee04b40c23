/** How long a server asks us to wait. */

/** `Retry-After` in ms, in either form: seconds or an HTTP date; nothing where it asks for no wait. */
export function retryAfter(header: string | null): number | undefined {
  if (!header) return
  const ms = +header >= 0 ? +header * 1000 : Date.parse(header) - Date.now()
  return ms > 0 ? ms : undefined
}
