/** Reads `Authorization` where it may carry a server's key or a visitor's token. */

/** What it carries. */
export type Authorization = { key: string } | { token: string } | 'none' | 'malformed'

/**
 * Reads the header. Two of them arrive as one, with a comma between, which no token has; another scheme than Bearer is
 * not read.
 */
export function readAuthorization(header: string | undefined): Authorization {
  if (header === undefined) return 'none'
  const text = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1]
  if (text === undefined) return 'malformed'
  return text.startsWith('nk_') ? { key: text } : { token: text }
}
