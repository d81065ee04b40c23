/** The lists of one page: each as it came last, ranked anew by what the visitor did, the same object until it changes. */
import type { Recommendation, RecommendationAnswer, Recommendations } from '@nunchi/protocol'
import type { Shelf } from './api.ts'
import type { History } from './history.ts'
import type { KeptAnswer } from './kept-answers.ts'
import { type Asked, contextItems } from './query.ts'
import { type Liked, rerank, type Taste } from './rerank.ts'

/** What is known of a question without an answer. */
export type Without = NonNullable<Shelf['reason']> | 'loading'

/** The lists of one page. */
export interface Shelves {
  /** The list as it is to be shown. @param without what it is where there is no answer */
  read(question: Asked, without: Without): Shelf
  /** Whether there is an answer to the question, and whether it still is as good as new. */
  has(question: Asked): { there: boolean; fresh: boolean }
  /** What the visitor did has changed. */
  touch(): void
  /** Takes an answer to questions asked at that time. */
  take(answer: Recommendations, questions: readonly Asked[], at: number, limit: number): void
  /** Takes what earlier pages have left; what came meanwhile is newer. */
  restore(answers: readonly KeptAnswer[]): void
  /**
   * What the visitor did is known to the collector: from then on its lists are better than ours.
   *
   * @param now even where they have only just come: they are the person's by now, on all devices
   */
  age(from: number, now?: boolean): void
  /** Which answer a `recommendationId` belongs to. */
  find(recommendationId: string): (RecommendationAnswer & { type: string }) | undefined
  /** What is known of an item, where any list has it. */
  item(id: string): Recommendation | undefined
  all(): KeptAnswer[]
  clear(): void
}

/** The most answers that are kept; the oldest goes first. */
const most = 20
/** An answer is as good as new for at least so long, whatever the visitor does, and for at most so long, in ms. */
const [shortest, longest] = [30_000, 86_400_000]
/** What is looked at, in the place of a list made for it. */
const looked = 3

/** Makes the lists of one page. @param again whether they are ranked anew */
export function createShelves(history: History, again: boolean): Shelves {
  let answers = new Map<string, KeptAnswer>()
  const shown = new Map<string, [shelf: Shelf, of: string]>()
  /** Counts whatever may change a list. */
  let version = 0
  /** All items by id, until there are others. */
  let known: Map<string, Recommendation> | undefined
  const renewed = () => {
    version++
    known = undefined
  }

  /** The answer to a question, else the newest of the same type: a good list is better than none. */
  const find = ({ key, type }: Asked): KeptAnswer | undefined =>
    answers.get(key) ??
    [...answers.values()].reverse().find((one) => (!type || one.type === type) && one.answer.items.length)
  const describe = (id: string): Partial<Liked> | undefined => {
    const { title, tags } = self.item(id) ?? {}
    return title ? { title, tags: tags ?? [] } : undefined
  }
  const tasteOf = (kept: KeptAnswer, { key, seen, context, exclude }: Asked): Taste => {
    const { liked, gone } = history.taste(kept.asked, seen, describe)
    const weighed = new Map(again ? liked : [])
    const without = new Set([...(again ? gone : []), ...exclude])
    for (const id of contextItems(context)) {
      without.add(id)
      if (kept.key !== key) weighed.set(id, { weight: looked, ...describe(id) })
    }
    return { liked: weighed, gone: without }
  }
  const make = (question: Asked, without: Without): Shelf => {
    const { type, list, limit } = question
    const kept = find(question)
    if (!kept) {
      const nothing = { items: [], recommendationId: '', type, list }
      return without === 'loading'
        ? { ...nothing, loading: true }
        : { ...nothing, loading: false, reason: without }
    }
    const { answer, neighbors, generatedAt } = kept
    const items = rerank({ items: answer.items, neighbors }, tasteOf(kept, question)).slice(0, limit)
    const reason = items.length ? undefined : (answer.reason ?? 'all_seen')
    const { recommendationId } = answer
    const shelf = { items, recommendationId, type: kept.type, list: answer.list, loading: false, generatedAt }
    return reason ? { ...shelf, reason } : shelf
  }
  const same = (a: Shelf, b: Shelf): boolean => JSON.stringify(a) === JSON.stringify(b)

  const self: Shelves = {
    read(question, without) {
      const name = JSON.stringify([question.key, question.limit, question.exclude])
      const { 0: before, 1: of } = shown.get(name) ?? []
      const present = `${version}${without}`
      if (before && of === present) return before
      const next = make(question, without)
      const shelf = before && same(before, next) ? before : next
      shown.set(name, [shelf, present])
      return shelf
    },
    touch() {
      version++
    },
    has({ key, limit }) {
      const kept = answers.get(key)
      // Asked for fewer, it may have left some out.
      const whole = kept && (kept.limit >= limit || kept.answer.items.length < kept.limit)
      const now = history.now()
      return { there: !!kept, fresh: !!whole && kept.asked <= now && now < kept.until }
    },
    take({ recommendations, neighbors, generated_at, expires_at }, questions, at, limit) {
      // The collector's clock against itself: the device's own may be any.
      const life = Math.min(longest, Math.max(shortest, Date.parse(expires_at) - Date.parse(generated_at)))
      const first =
        Object.entries(recommendations).find(([, { items }]) => items.length) ??
        Object.entries(recommendations)[0]
      for (const { key, type: wanted, list } of questions) {
        const [type, answer] = wanted ? [wanted, recommendations[wanted]] : (first ?? ['', undefined])
        // The newest last.
        answers.delete(key)
        answers.set(key, {
          key,
          type: wanted || type,
          // Nothing said of it is nothing there.
          answer: answer ?? { recommendationId: '', list, items: [], reason: 'empty_catalog' },
          neighbors: neighbors ?? {},
          generatedAt: generated_at,
          limit,
          asked: at,
          until: at + life,
        })
      }
      answers = new Map([...answers].slice(-most))
      renewed()
    },
    restore(earlier) {
      const before = new Map(earlier.map((one) => [one.key, one]))
      for (const [key, one] of answers) {
        if ((before.get(key)?.asked ?? 0) >= one.asked) continue
        before.delete(key)
        before.set(key, one)
      }
      answers = new Map([...before].slice(-most))
      renewed()
    },
    age(from, now) {
      for (const one of answers.values())
        one.until = Math.min(one.until, now ? from : Math.max(from, one.asked + shortest))
    },
    find(recommendationId) {
      for (const { type, answer } of answers.values())
        if (answer.recommendationId === recommendationId) return { ...answer, type }
    },
    item(id) {
      known ??= new Map(
        [...answers.values()].flatMap(({ answer }) => answer.items.map((one) => [one.id, one])),
      )
      return known.get(id)
    },
    all: () => [...answers.values()],
    clear() {
      answers.clear()
      shown.clear()
      renewed()
    },
  }
  return self
}
