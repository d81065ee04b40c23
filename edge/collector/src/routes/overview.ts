/** `GET /overview`: one read-only page for the site's owner, behind a key that can do nothing else. */
import { keyKind } from '@nunchi/protocol'
import type { RequestContext, Services, Use } from '../env.ts'
import { describeError } from '../log.ts'
import { body } from '../middleware/body.ts'
import { limitClients } from '../middleware/limit.ts'
import { secure } from '../overview/headers.ts'
import { live } from '../overview/live.ts'
import { languageOf, messages } from '../overview/messages.ts'
import type { Overview } from '../overview/overview.ts'
import { overviewPage, periods, signInPage } from '../overview/page.ts'
import { closeSession, openSession, presentedToken } from '../overview/session.ts'
import { Problem } from '../problem.ts'
import { sha256Hex } from '../sha256.ts'

/** Where the overview is served. */
export interface OverviewOptions {
  /**
   * The path; the collector's bare address leads there.
   * @default '/overview'
   */
  path?: string
}

const language = (c: RequestContext) => languageOf(c.req.header('accept-language'))

/**
 * Whether a browser would not keep the cookie. It says where a request comes from only over TLS, which a proxy may have
 * ended, and to its own machine, where it keeps secure cookies too.
 */
function overPlainHttp(c: RequestContext): boolean {
  const { protocol, hostname } = new URL(c.req.url)
  const own = /^(?:.+\.)?localhost$|^127\.|^\[::1\]$/.test(hostname)
  return protocol === 'http:' && !own && c.req.header('sec-fetch-site') === undefined
}

async function signIn(c: RequestContext, path: string, problem?: Problem): Promise<Response> {
  await secure(c)
  const note = overPlainHttp(c) ? messages[language(c)].plainHttp : undefined
  return c.html(signInPage(language(c), path, problem ? `${problem.message} ${problem.fix}` : note), 401)
}

/** Whether a form was sent from a page of this very address. A missing Origin is a program, not a browser. */
function fromHere(c: RequestContext): boolean {
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return origin === undefined || URL.parse(origin)?.host === new URL(c.req.url).host
}

/** Why a form is refused. A proxy that renames the host looks like another site, and only its owner can tell the two apart. */
function foreign(c: RequestContext): Problem {
  const [origin = 'nowhere', { host }] = [c.req.header('origin'), new URL(c.req.url)]
  return new Problem('origin_not_allowed', {
    detail: `The form came from ${origin.slice(0, 200)}, and was asked of ${host}.`,
    fix: 'Open the overview at its own address. Behind a proxy, let it hand on the Host header (nginx: proxy_set_header Host $http_host;).',
  })
}

/** The path as an attacker may mean it: decoded to the end, slashes single, dots resolved. */
function meant(path: string): string {
  let text = path
  for (let i = 0; i < 5; i++) {
    let next = text
    try {
      next = decodeURIComponent(text)
    } catch {
      break
    }
    if (next === text) break
    text = next
  }
  return new URL(text.replace(/[\\/]+/g, '/'), 'http://here').pathname.toLowerCase()
}

async function figures(c: RequestContext, path: string): Promise<Response> {
  const tokenHash = await presentedToken(c)
  if (!tokenHash) return signIn(c, path)
  const asked = Number(c.req.query('days'))
  const days = periods.find((n) => n === asked) ?? 7
  const overview = await c.get('storage').call<Overview | null>('overview', { tokenHash, days })
  if (!overview) return signIn(c, path)
  await secure(c)
  return c.html(overviewPage(language(c), path, overview))
}

/** Answers with the page, or says in words that the database does not answer. */
async function shown(services: Services, c: RequestContext, path: string): Promise<Response> {
  try {
    return await figures(c, path)
  } catch (error) {
    services.log.warn('the overview could not be read', {
      requestId: c.get('requestId'),
      error: describeError(error),
    })
    await secure(c)
    const say = messages[language(c)]
    const detail = `${say.unavailable} ${say.requestId}: ${c.get('requestId')}`
    return c.html(signInPage(language(c), path, detail), 503)
  }
}

/** Adds the page, its script, and the forms that open and end a session. */
export function overview({ path = '/overview' }: OverviewOptions = {}): Use {
  return (app, services) => {
    // Any other spelling of an address within gets what a stranger gets.
    app.use('*', (c, next) => {
      // As it came: a parser would tidy it up first.
      const pathname = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(c.req.url)?.[1] ?? ''
      if (!/[%\\]|\/\/|\/\.|[A-Z]/.test(pathname)) return next()
      const real = meant(pathname)
      const within = real === path || real.startsWith(`${path}/`)
      return within && pathname !== real ? signIn(c, path) : next()
    })
    app.use(`${path}/*`, limitClients(services))
    app.get('/', (c) => c.redirect(path, 303))
    app.get(path, (c) => shown(services, c, path))
    app.get(`${path}/live.js`, async (c) => {
      if (!(await presentedToken(c))) return signIn(c, path)
      await secure(c)
      return c.body(live, 200, { 'Content-Type': 'text/javascript; charset=utf-8' })
    })
    app.post(`${path}/sign-in`, body(services), async (c) => {
      const key = new URLSearchParams(c.get('body')).get('key')?.trim() ?? ''
      try {
        if (!fromHere(c)) throw foreign(c)
        if (!keyKind(key)) throw new Problem(key ? 'key_malformed' : 'key_missing')
        await openSession(c, await sha256Hex(key))
        await secure(c)
        return c.redirect(path, 303)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        return signIn(c, path, problem)
      }
    })
    app.post(`${path}/sign-out`, async (c) => {
      if (fromHere(c)) await closeSession(c)
      await secure(c)
      return c.redirect(path, 303)
    })
    app.all(`${path}/*`, (c) => signIn(c, path))
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET, HEAD' } })
    })
  }
}
