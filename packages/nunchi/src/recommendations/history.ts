/** What this visitor did with items lately: what lists are ranked anew by, here and offline. */
import type { Interaction } from './interactions.ts'
import type { InteractionKind } from './options.ts'
import type { Liked, Taste } from './rerank.ts'

/** An interaction, and since when the collector knows of it. */
export interface Known extends Interaction {
  acked?: number
}

/** What a visitor did, oldest first. */
export interface History {
  readonly all: readonly Known[]
  now(): number
  add(done: readonly Interaction[]): void
  /** The collector has these events. @returns whether one of them was an interaction */
  ack(events: readonly string[], at: number): boolean
  /** Takes what other pages of the visitor's have left. */
  take(earlier: readonly Known[]): void
  clear(): void
  /**
   * The taste beside a list: how much was liked, half as much where the list was made with it in mind; and what is not
   * to be shown.
   *
   * @param asked when the list was asked for, in ms since the epoch
   * @param seen whether what the visitor had to do with may be shown
   */
  taste(asked: number, seen: boolean, describe: (id: string) => Partial<Liked> | undefined): Taste
}

/** The most that is remembered, and for how long in ms. */
const most = 200
const longest = 30 * 86_400_000
/** Between the collector's word that it has an event, and lists that know of it, in ms. */
const lag = 5_000
/** What the answer knows already counts so much again: it weighs the visitor's whole past, the page their last hours. */
const again = 0.5
/** So many items say what somebody turns to, the last ones. */
const weighed = 50
/** What was done longer ago than this before a list was made is the collector's to weigh alone, in ms. */
const lately = 86_400_000
/** An event that nobody said anything about for so long was acknowledged to another tab, in ms. */
const forgotten = 3_600_000

/** As the collector weighs them where a project says nothing else. */
const strengths: { [kind in InteractionKind]: number } = {
  view: 1,
  click: 2,
  add: 3,
  like: 3,
  buy: 5,
  dismiss: 0,
}

/** Once dismissed, an item is disliked, whatever was before. */
const disliked = -0.7

/** How much an item is liked by all that was done with it, oldest first. */
export function likedOf(done: readonly Known[]): number {
  if (done[done.length - 1]?.kind === 'dismiss') return disliked
  // However often: the tenth click on the same thing says little.
  return Math.log2(1 + done.reduce((sum, { kind }) => sum + strengths[kind], 0)) / 2
}

/** Makes an empty history. */
export function createHistory(now: () => number): History {
  let all: Known[] = []
  const keep = (next: Known[]) => {
    const from = now() - longest
    all = next.filter(({ at }) => at > from).slice(-most)
  }
  /** Whether a list asked for at that time may not know of it. */
  const news =
    (asked: number) =>
    ({ at, acked }: Known) =>
      acked === undefined ? at > asked - forgotten : acked + lag > asked
  return {
    get all() {
      return all
    },
    now,
    add: (done) => keep([...all, ...done]),
    ack(events, at) {
      const mine = all.filter(({ event, acked }) => acked === undefined && events.includes(event))
      for (const one of mine) one.acked = at
      return mine.length > 0
    },
    take(earlier) {
      const here = new Set(all.map(({ event, item }) => event + item))
      keep(
        [...earlier.filter(({ event, item }) => !here.has(event + item)), ...all].sort((a, b) => a.at - b.at),
      )
    },
    clear() {
      all = []
    },
    taste(asked, seen, describe) {
      const gone = new Set<string>()
      // Dismissed, and liked again since, it may be shown.
      for (const { item, kind } of all)
        if (!seen || kind === 'dismiss') gone.add(item)
        else gone.delete(item)
      const isNew = news(asked)
      const recent = all.filter((one) => isNew(one) || one.at > asked - lately)
      const byItem = new Map<string, Known[]>()
      // By when each was last turned to.
      const latest = [...new Set(recent.map(({ item }) => item).reverse())].slice(0, weighed)
      for (const item of latest.reverse()) byItem.set(item, [])
      for (const one of recent) byItem.get(one.item)?.push(one)
      const liked = new Map<string, Liked>()
      for (const [item, done] of byItem) {
        const { title, tags } = { ...done[done.length - 1], ...describe(item) }
        liked.set(item, { weight: likedOf(done) * (done.some(isNew) ? 1 : again), title, tags })
      }
      return { liked, gone }
    },
  }
}
