/** Gives each visitor an id in a first-party cookie, before the first page is rendered: the work of a `proxy.ts`. */
import { cookieAge, idPattern } from '../cookie.ts'
import { randomId } from '../identity.ts'

/** Of a `NextRequest`, what is used. */
export interface VisitorRequest {
  cookies: { get(name: string): { value: string } | undefined; set(name: string, value: string): unknown }
  headers: { get(name: string): string | null }
  nextUrl: { protocol: string }
}

/** Of a `NextResponse`, what is used. */
export interface VisitorResponse {
  cookies: {
    set(cookie: {
      name: string
      value: string
      path: string
      maxAge: number
      sameSite: 'lax'
      secure: boolean
    }): unknown
  }
}

/** How the id is kept. */
export interface KeepVisitorOptions<Request> {
  /** The cookie's name. @default 'nunchi_id' */
  cookie?: string
  /** Whether this visitor may be given an id; who may not has none, and a cookie of before is removed. @default unless Sec-GPC: 1 */
  allow?: (request: Request) => boolean
}

const heedsGpc = ({ headers }: VisitorRequest): boolean => headers.get('sec-gpc') !== '1'

/**
 * Keeps the visitor's id in a cookie, and has the pages of this very request see it.
 *
 * @param answer makes the response, from the request as it is then
 * @example
 * export const proxy = (request: NextRequest) => keepVisitor(request, () => NextResponse.next({ request }))
 */
export function keepVisitor<Request extends VisitorRequest, Response extends VisitorResponse>(
  request: Request,
  answer: () => Response,
  { cookie: name = 'nunchi_id', allow = heedsGpc }: KeepVisitorOptions<Request> = {},
): Response {
  const found = request.cookies.get(name)?.value ?? ''
  const known = idPattern.test(found)
  const allowed = allow(request)
  const value = allowed ? (known ? found : randomId()) : ''
  if (value !== found) request.cookies.set(name, value)
  const response = answer()
  // Renewed by whole pages only: what a page fetches is answered without.
  const renewed = value && (!known || request.headers.get('sec-fetch-dest') === 'document')
  if (renewed || (!value && found))
    response.cookies.set({
      name,
      value,
      path: '/',
      maxAge: value ? cookieAge : 0,
      sameSite: 'lax',
      secure: request.nextUrl.protocol === 'https:',
    })
  return response
}
