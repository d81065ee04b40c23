/** Remembers recommendations for a while, unless their visitor did something or the catalog changed since. */
import { canonicalJson, type Event, type Json, type Recommendations } from '@nunchi/protocol'
import { parsed } from '../cache/cache.ts'
import type { Services } from '../env.ts'
import { sha256Hex } from '../sha256.ts'
import type { Question } from './question.ts'

/** Whose catalog it is: the part of a key that says so. */
interface Whose {
  projectId: string
  environment: string
}

/** The memory of answers. */
export interface Remembered {
  /** The answer to a question, from memory or by `ask`, whose errors it passes on. */
  answer(whose: Whose, question: Question, ask: () => Promise<Recommendations>): Promise<Recommendations>
  /** Hears of events that were committed: what was answered to their visitors is no longer believed. */
  saw(events: readonly Pick<Event, 'anonymousId' | 'userId'>[]): void
  /** Hears that a catalog, or how its lists are made, was changed through this collector. */
  changed(whose: Whose): void
}

interface Entry {
  at: number
  answer: Recommendations
}

/** For how long the database itself would give the answer again, in ms: not at all where it could not make one. */
const lifeOf = ({ generated_at, expires_at }: Recommendations): number =>
  Date.parse(expires_at) - Date.parse(generated_at)

/** How long after an event its effect may be on its way, in ms: what is answered meanwhile is not kept. */
const underWayMs = 2_000
/** An answer is kept for so many times as long as nothing has happened before. */
const quiet = 10

/** Whether it is what an instance kept: others may write to the same cache. */
const isEntry = (entry: Partial<Entry> | undefined): entry is Entry =>
  typeof entry?.answer?.recommendations === 'object' &&
  entry.answer.recommendations !== null &&
  Number.isFinite(entry.at)

const visitors = ({ anonymousId, userId }: Pick<Event, 'anonymousId' | 'userId'>): string[] => [
  ...(anonymousId === undefined ? [] : [`visitor v:${anonymousId}`]),
  ...(userId === undefined ? [] : [`visitor u:${userId}`]),
]

const catalogOf = ({ projectId, environment }: Whose) => `catalog ${projectId} ${environment}`

function make(services: Services, cacheMs: number): Remembered {
  const cache = services.caches.of('recommendations')
  const marks = services.caches.marks
  const { now } = services.options
  // Nobody who never asks for recommendations pays for remembering them.
  let inUse = false

  async function changedAt(names: string[]): Promise<number> {
    return Math.max(...(await Promise.all(names.map((name) => marks.latest(name)))))
  }

  return {
    async answer(whose, question, ask) {
      inUse = true
      const key = await sha256Hex(
        canonicalJson([whose.projectId, whose.environment, question] as unknown as Json),
      )
      const [text, changed] = await Promise.all([
        cache.get(key),
        changedAt([catalogOf(whose), ...visitors(question)]),
      ])
      const known = parsed<Entry>(text)
      if (isEntry(known) && known.at > changed + underWayMs && now() < known.at + cacheMs) return known.answer
      const at = now()
      const answer = await ask()
      // Where processing lags, an answer may still not know of the last event: the sooner after it, the shorter it is kept.
      const ttlMs = Math.min(cacheMs, lifeOf(answer), quiet * (at - changed))
      if (ttlMs > 0 && at > changed + underWayMs) void cache.set(key, JSON.stringify({ at, answer }), ttlMs)
      return answer
    },
    saw(events) {
      if (!inUse) return
      for (const name of new Set(events.flatMap(visitors))) void marks.set(name, now(), cacheMs)
    },
    changed: (whose) => void marks.set(catalogOf(whose), now(), cacheMs),
  }
}

const off: Remembered = { answer: (_whose, _question, ask) => ask(), saw() {}, changed() {} }

const half = (services: Services): Remembered => make(services, services.options.recommendationsCacheMs)

/** The collector's memory of recommendations, made by the first route that asks. */
export function remembered(services: Services): Remembered {
  return services.options.recommendationsCacheMs > 0 ? services.once(half) : off
}
