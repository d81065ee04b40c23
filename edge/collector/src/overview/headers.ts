/** The headers of every answer of the overview: nothing runs there but its own script, and nobody frames it. */
import type { RequestContext } from '../env.ts'
import { sha256 } from '../sha256.ts'
import { style } from './style.ts'

let policy: Promise<string> | undefined

async function makePolicy(): Promise<string> {
  const digest = await sha256(style)
  return [
    "default-src 'none'",
    `style-src 'sha256-${btoa(String.fromCharCode(...digest))}'`,
    "script-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

/** Sets them. */
export async function secure(c: RequestContext): Promise<void> {
  policy ??= makePolicy()
  c.header('Content-Security-Policy', await policy)
  c.header('Cache-Control', 'private, no-store')
  c.header('Referrer-Policy', 'same-origin')
  c.header('Strict-Transport-Security', 'max-age=31536000')
  c.header('Cross-Origin-Opener-Policy', 'same-origin')
  c.header('Cross-Origin-Resource-Policy', 'same-origin')
  c.header('Vary', 'Cookie, Accept-Language')
}
