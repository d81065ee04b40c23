/** Every request that the collector makes by itself: to public addresses only, bounded in time and size. */
import { OutgoingError } from './outgoing/outgoing-error.ts'
import { permittedUrl } from './outgoing/permitted-url.ts'

export { OutgoingError } from './outgoing/outgoing-error.ts'

/** What is sent. */
export interface GuardedInit {
  /** @default 'GET' */
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Until when the whole answer must be here, redirects included, in ms. */
  timeoutMs: number
  /** The most bytes that the answer's body may have. */
  maxBytes: number
  signal?: AbortSignal
}

/** What came back, complete. */
export interface GuardedAnswer {
  status: number
  headers: Headers
  text(): Promise<string>
}

/**
 * Makes a request, following at most 3 redirects. Every address on the way is checked before it is called: https only,
 * public only, no credentials in it, unless the operator allowed its host.
 *
 * @throws OutgoingError whatever goes wrong before an answer is complete; any status is an answer
 */
export interface GuardedFetch {
  (url: string, init: GuardedInit): Promise<GuardedAnswer>
  /**
   * For an address that is about to be saved: what is refused when it is called is refused here already. A name that
   * does not resolve just now passes; it is looked at again with each call.
   *
   * @throws OutgoingError `address_refused`
   */
  check(url: string): Promise<void>
}

/** One request as it goes out, already permitted. */
export interface Outgoing {
  method: string
  headers: Record<string, string>
  body: string | undefined
  signal: AbortSignal
}

/** An answer whose body has not been read. */
export interface Incoming {
  status: number
  headers: Headers
  body: AsyncIterable<Uint8Array>
  /** Gives the rest of the body up. */
  cancel(): void
}

/** How a runtime makes one request, without following redirects. */
export interface Dial {
  (url: URL, outgoing: Outgoing): Promise<Incoming>
  /** Whether the name leads to permitted addresses only, where the runtime can tell. @throws OutgoingError */
  check?(url: URL): Promise<void>
}

/** What `guardedFetch` can be told. */
export interface GuardedFetchOptions {
  /**
   * Hosts as `host:port` that may be private and may be called by plain http, such as a model that runs beside the
   * collector.
   * @default []
   */
  allow?: readonly string[]
  /** @default the runtime's fetch */
  dial?: Dial
}

async function* chunks(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  for (;;) {
    const piece = await reader?.read()
    if (!piece || piece.done) return
    yield piece.value
  }
}

/** By the runtime's own fetch, which resolves names itself: their addresses cannot be checked. */
const dialFetch: Dial = async (url, { method, headers, body, signal }) => {
  const init = { method, headers, signal, redirect: 'manual' as const }
  const answer = await fetch(url, body === undefined ? init : { ...init, body })
  const cancel = () => void answer.body?.cancel().catch(() => {})
  return { status: answer.status, headers: answer.headers, body: chunks(answer.body), cancel }
}

const mostRedirects = 3
const redirecting = new Set([301, 302, 303, 307, 308])

/** The request that a redirect asks for. Credentials and bodies stay with the origin that they were meant for. */
function redirected(from: URL, to: URL, status: number, outgoing: Outgoing): Outgoing {
  const { method, signal, headers } = outgoing
  const turnsGet = method !== 'GET' && method !== 'HEAD' && status < 307
  const next = turnsGet ? { ...outgoing, method: 'GET', body: undefined } : outgoing
  if (from.origin === to.origin) return next
  if (next.body !== undefined)
    throw new OutgoingError('address_refused', `${from.host} redirects what was sent to another host.`)
  const kept = Object.entries(headers).filter(([name]) => /^(accept|user-agent)/i.test(name))
  return { method: next.method, body: undefined, signal, headers: Object.fromEntries(kept) }
}

async function follow(url: URL, outgoing: Outgoing, allow: readonly string[], dial: Dial): Promise<Incoming> {
  let [at, asking] = [url, outgoing]
  for (let redirects = 0; ; redirects++) {
    const answer = await dial(at, asking)
    const location = answer.headers.get('location')
    if (!redirecting.has(answer.status) || location === null) return answer
    answer.cancel()
    if (redirects === mostRedirects)
      throw new OutgoingError('address_refused', `${url.host} redirects more than ${mostRedirects} times.`)
    const to = permittedUrl(location, allow, at)
    asking = redirected(at, to, answer.status, asking)
    at = to
  }
}

async function readAll({ body, cancel }: Incoming, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const piece of body) {
    bytes += piece.byteLength
    if (bytes > maxBytes) {
      cancel()
      throw new OutgoingError('too_large', `The answer is larger than ${maxBytes} bytes.`)
    }
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

/** Makes a guarded fetch for any runtime; `deploy/node` gives it a dial that checks and pins resolved addresses. */
export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { allow = [], dial = dialFetch } = options
  const guarded = async (text: string, init: GuardedInit): Promise<GuardedAnswer> => {
    const url = permittedUrl(text, allow)
    const { method = 'GET', headers = {}, body, timeoutMs, maxBytes, signal } = init
    const control = new AbortController()
    let late = false
    const giveUp = () => control.abort()
    const timer = setTimeout(() => {
      late = true
      giveUp()
    }, timeoutMs)
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      signal?.throwIfAborted()
      const outgoing = { method, headers, body, signal: control.signal }
      const answer = await follow(url, outgoing, allow, dial)
      const read = await readAll(answer, maxBytes)
      return { status: answer.status, headers: answer.headers, text: async () => read }
    } catch (error) {
      if (error instanceof OutgoingError) throw error
      if (late) throw new OutgoingError('timeout', `${url.host} did not answer within ${timeoutMs} ms.`)
      throw new OutgoingError(
        'unreachable',
        `${url.host} could not be asked, or its answer broke off.`,
        error,
      )
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      giveUp()
    }
  }
  const check = async (text: string) => {
    const url = permittedUrl(text, allow)
    await dial.check?.(url)
  }
  return Object.assign(guarded, { check })
}
