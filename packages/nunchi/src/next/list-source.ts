/** Lists on a server: asked for beside the config, given up in time, and left to the page where there are none. */
import type { Recommendations } from '@nunchi/protocol'
import type { Report } from '../errors.ts'
import { isAnswer } from '../recommendations/answer.ts'
import type { RecommendationsQuery } from '../recommendations/api.ts'
import { asked, searchOf } from '../recommendations/query.ts'

/** Which list a visit asks for: what the page's first `useRecommendations()` will ask for. */
export type ListQuery = Omit<RecommendationsQuery, 'exclude'>

/** For whom a list is; without an id it is what is popular. */
export interface ListVisitor {
  anonymousId: unknown
  /** Tells the collector the visitor's kind of device. */
  userAgent: string | null | undefined
}

/** What a source is made of. */
export interface ListSourceOptions {
  key: string
  host: string
  /** Asks in place of `key`, and never stands in an address. */
  serverKey: string | undefined
  fetch(url: string, init: RequestInit): Promise<Response>
  /** How long a visit waits, in ms. */
  timeout: number
  now(): number
  report: Report
}

/** While the collector is away nobody asks it, so that pages do not each wait for it, in ms. */
const pause = 5_000

/** Makes the lists of one server. Never rejects; resolves to nothing where no list came in time. */
export function createListSource({
  key,
  host,
  serverKey,
  fetch,
  timeout,
  now,
  report,
}: ListSourceOptions): (query: ListQuery, visitor: ListVisitor) => Promise<Recommendations | undefined> {
  const address = `${host?.replace(/\/+$/, '')}/v1/recommendations?`
  let notBefore = Number.NEGATIVE_INFINITY

  const ask = async (query: ListQuery, { anonymousId, userAgent }: ListVisitor, signal: AbortSignal) => {
    const question = asked(query)
    const who = typeof anonymousId === 'string' ? anonymousId : ''
    const search = searchOf([question], ['anonymousId', who], question.limit)
    const headers = {
      ...(serverKey && { authorization: `Bearer ${serverKey}` }),
      ...(userAgent && { 'user-agent': userAgent }),
    }
    const own = serverKey ? '' : `key=${encodeURIComponent(key)}`
    const response = await fetch(address + (own + search).replace(/^&/, ''), {
      cache: 'no-store',
      headers,
      signal,
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && isAnswer(answer)) return answer
    if (response.status >= 500 || [408, 429].includes(response.status)) notBefore = now() + pause
    else if (!response.ok) report('recommendations_refused', answer ?? response.status)
  }

  return async (query, visitor) => {
    if (now() < notBefore) return
    const late = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      const over = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          late.abort()
          reject(new Error('late'))
        }, timeout)
      })
      return await Promise.race([ask(query, visitor, late.signal), over])
    } catch {
      notBefore = now() + pause
    } finally {
      clearTimeout(timer)
    }
  }
}
