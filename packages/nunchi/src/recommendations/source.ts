/** Where lists come from: one request at a time for a question, several types in one, and patience after failures. */
import type { Recommendations } from '@nunchi/protocol'
import { retryAfter } from '../retry-after.ts'
import { isAnswer } from './answer.ts'
import { type Asked, searchOf } from './query.ts'

/** What a source is made of. */
export interface SourceOptions {
  /** The address of the route, with the key. */
  url: string
  /** Whether anybody may be asked now. */
  may(): boolean
  /** Who asks, with the signed token where it is a person who is signed in. */
  who(): Promise<[name: 'anonymousId' | 'userId', id: string, token?: string]>
  pool: number
  now(): number
  /** Takes an answer to questions that were asked at that time, by whoever it was. */
  take(answer: Recommendations, questions: readonly Asked[], at: number): void
  /** Nothing came; `refused` is what the collector said of a question that it will not answer. */
  failed(questions: readonly Asked[], refused?: unknown): void
  /** Whoever failed may be asked again. */
  again(): void
}

/** Asks the collector. */
export interface Source {
  /** Resolves once there is an answer, or none is to be had now. */
  ask(question: Asked): Promise<void>
  /** The page is seen, or the network back: where only that was away, nobody has to wait any longer. */
  back(): void
  /** Waits no longer: the page is hidden, or closed. */
  stop(): void
  /** Another visitor: what is under way is nobody's. */
  forget(): void
}

/** An answer that has not come whole by then is given up, in ms. */
const patience = 10_000
/** The first wait after a failure, and the longest, in ms. */
const [shortest, longest] = [1_000, 300_000]

/** Makes the source of one page. */
export function createSource({ url, may, who, pool, now, take, failed, again }: SourceOptions): Source {
  /** Questions of this tick, which go out together, and those under way. */
  let gathered: Asked[] = []
  const asking = new Map<string, Promise<void>>()
  /** Questions that were refused, and until when they are not asked again, in ms since the epoch. */
  const refusals = new Map<string, number>()
  let going: Promise<void> | undefined
  let failures = 0
  /** Not before then is anybody asked, in ms since the epoch; and whether only the network was away. */
  let notBefore = 0
  let away = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  const fetchAnswer = async (questions: Asked[], mine: number) => {
    const abort = new AbortController()
    const clock = setTimeout(() => abort.abort(), patience)
    try {
      const [name, id, token] = await who()
      if (!may() || mine !== turn) return
      const at = now()
      const response = await fetch(url + searchOf(questions, [name, id], pool), {
        credentials: 'omit',
        signal: abort.signal,
        ...(token && { headers: { authorization: `Bearer ${token}` } }),
      })
      away = false
      const said: unknown = await response.json().catch(() => undefined)
      if (mine !== turn) return
      if (response.ok && isAnswer(said)) {
        failures = 0
        return take(said, questions, at)
      }
      const refused = response.status >= 400 && response.status < 500 && ![408, 429].includes(response.status)
      // One of several types that is not known takes none of the others with it.
      if (response.status === 400 && questions.length > 1)
        return void (await Promise.all(questions.map((one) => fetchAnswer([one], mine))))
      if (refused) for (const { key } of questions) refusals.set(key, now() + longest)
      else fail(retryAfter(response.headers.get('retry-after')))
      failed(questions, refused ? (said ?? response.status) : undefined)
    } catch {
      if (mine !== turn) return
      away = true
      fail()
      failed(questions)
    } finally {
      clearTimeout(clock)
    }
  }
  const fail = (wait = Math.random() * Math.min(longest, shortest * 2 ** ++failures)) => {
    notBefore = now() + Math.min(longest, Math.max(shortest, wait))
    clearTimeout(timer)
    timer = setTimeout(again, notBefore - now())
  }
  const send = async () => {
    const questions = gathered
    gathered = []
    going = undefined
    const groups = new Map<string, Asked[]>()
    for (const one of questions) {
      // All types of the catalog are a question of their own.
      const group = JSON.stringify([!one.type, { ...one, key: '', type: '' }])
      groups.set(group, [...(groups.get(group) ?? []), one])
    }
    const mine = turn
    await Promise.all([...groups.values()].map((group) => fetchAnswer(group, mine)))
  }
  const ask = (question: Asked): Promise<void> => {
    const { key } = question
    const known = asking.get(key)
    if (known) return known
    if (now() < Math.max(notBefore, refusals.get(key) ?? 0)) return Promise.resolve()
    gathered.push(question)
    going ??= Promise.resolve().then(send)
    const done = going.finally(() => {
      if (asking.get(key) === done) asking.delete(key)
    })
    asking.set(key, done)
    return done
  }

  return {
    ask,
    back() {
      if (away) notBefore = 0
    },
    stop: () => clearTimeout(timer),
    forget() {
      turn++
      asking.clear()
      refusals.clear()
      gathered = []
      notBefore = 0
    },
  }
}
