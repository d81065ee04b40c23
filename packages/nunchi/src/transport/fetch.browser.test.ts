import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchTransport } from './fetch.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const url = 'http://test.invalid/v1/events?key=k'

/** Answers the next request, and shows how it was made. */
function answer(body: BodyInit | null, init: ResponseInit = {}) {
  const response = new Response(body, init)
  const fetched = vi.spyOn(window, 'fetch').mockResolvedValue(response)
  return { response, request: () => fetched.mock.calls[0]![1]! }
}

describe('delivery by fetch', () => {
  it('gives status and body of an answer', async () => {
    answer('{"batch":"b"}', { status: 202 })
    expect(await fetchTransport()({ url, body: '{}' })).toEqual({ status: 202, body: { batch: 'b' } })
  })

  it('needs no preflight and carries no cookies: a simple POST of text', async () => {
    const { request } = answer('{}')
    await fetchTransport()({ url, body: '{}' })
    const { method, headers, credentials, keepalive } = request()
    expect({ method, headers, credentials, keepalive }).toEqual({
      method: 'POST',
      headers: {},
      credentials: 'omit',
      keepalive: false,
    })
    expect(new Request(url, request()).headers.get('content-type')).toBe('text/plain;charset=UTF-8')
  })

  it('outlives the page while it leaves', async () => {
    const { request } = answer('{}')
    await fetchTransport()({ url, body: '{}', leaving: true })
    expect(request().keepalive).toBe(true)
  })

  it('gives a request up once its signal aborts, and does not begin one whose signal has', async () => {
    const fetched = vi.spyOn(window, 'fetch').mockImplementation(
      (_url, init) =>
        new Promise((_resolve, reject) => {
          const { signal } = init as { signal: AbortSignal }
          if (signal.aborted) reject(signal.reason)
          signal.onabort = () => reject(signal.reason)
        }),
    )
    const consent = new AbortController()
    const { signal } = consent
    const send = fetchTransport()
    const underWay = send({ url, body: '{}', signal })
    expect(fetched).toHaveBeenCalledTimes(1)
    consent.abort()
    expect(await underWay).toEqual({ status: 0 })
    expect(await send({ url, body: '{}', signal })).toEqual({ status: 0 })
    expect(fetched.mock.calls.every(([, init]) => init?.signal?.aborted)).toBe(true)
  })

  it.for([
    ['120', 120_000],
    ['0.5', 500],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['Wed, 21 Oct 2026 07:27:00 GMT', undefined],
    ['', undefined],
  ] as const)('reads Retry-After: %s', async ([header, wait]) => {
    vi.useFakeTimers({ now: Date.parse('2026-10-21T07:28:00Z'), toFake: ['Date'] })
    answer('{"code":"rate_limited"}', { status: 429, headers: { 'retry-after': header } })
    const reply = await fetchTransport()({ url, body: '{}' })
    expect(reply).toEqual({ status: 429, body: { code: 'rate_limited' }, ...(wait && { wait }) })
  })

  it('reads the body to its end, whatever the status: unread ones use up the quota of leaving pages', async () => {
    for (const status of [202, 429, 503]) {
      const { response } = answer('<h1>no JSON</h1>', { status })
      expect(await fetchTransport()({ url, body: '{}' })).toEqual({ status })
      expect(response.bodyUsed).toBe(true)
      vi.restoreAllMocks()
    }
  })

  it('answers with status 0 where there is no network', async () => {
    vi.spyOn(window, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'))
    expect(await fetchTransport()({ url, body: '{}' })).toEqual({ status: 0 })
  })

  it('answers with status 0 where fetch itself throws', async () => {
    vi.spyOn(window, 'fetch').mockImplementation(() => {
      throw new Error('patched by something on the page')
    })
    expect(await fetchTransport()({ url, body: '{}' })).toEqual({ status: 0 })
  })

  it('gives up on an answer that does not come, and tells the network so', async () => {
    let signal: AbortSignal | undefined
    vi.spyOn(window, 'fetch').mockImplementation((_url, init) => {
      signal = init!.signal!
      return new Promise((_resolve, reject) =>
        signal!.addEventListener('abort', () => reject(signal!.reason)),
      )
    })
    expect(await fetchTransport(50)({ url, body: '{}' })).toEqual({ status: 0 })
    expect(signal!.aborted).toBe(true)
  })

  it('gives up on a body that never ends: half an answer is none', async () => {
    vi.spyOn(window, 'fetch').mockImplementation(async (_url, init) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"batch":'))
          init!.signal!.addEventListener('abort', () => controller.error(init!.signal!.reason))
        },
      })
      return new Response(body, { status: 202 })
    })
    expect(await fetchTransport(50)({ url, body: '{}' })).toEqual({ status: 0 })
  })

  it('leaves no timer behind', async () => {
    const cleared = vi.spyOn(window, 'clearTimeout')
    answer('{}')
    await fetchTransport()({ url, body: '{}' })
    expect(cleared).toHaveBeenCalled()
  })
})
