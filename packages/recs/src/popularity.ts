/** What many have to do with lately: sums that fade, each visitor heard once. */
import { damp, decay } from './decay.ts'

/** One interaction with its time. */
export interface TimedInteraction {
  user: string
  item: string
  /** @default 1 */
  strength?: number
  /** In ms since the epoch. */
  at: number
}

/** How popularity is counted. */
export interface PopularityOptions {
  /** The moment that ages are counted to, in ms since the epoch. */
  now: number
  /** After how long an interaction counts half, in ms. @default 604_800_000 (7 days) */
  halfLifeMs?: number
  /** The most that one visitor says about one item. @default 2 */
  cap?: number
}

/**
 * How popular each item is: Σ over visitors of damp(Σ strength · 2^(−age ÷ half-life)). An item that nobody touched is
 * missing. Log-damping and `cap` keep one visitor's thousand clicks from counting as a thousand visitors.
 */
export function popularity(
  interactions: Iterable<TimedInteraction>,
  { now, halfLifeMs = 604_800_000, cap = 2 }: PopularityOptions,
): Map<string, number> {
  const sums = new Map<string, Map<string, number>>()
  for (const { user, item, strength = 1, at } of interactions) {
    const users = sums.get(item) ?? new Map<string, number>()
    sums.set(item, users.set(user, (users.get(user) ?? 0) + strength * decay(now - at, halfLifeMs)))
  }
  const scores = new Map<string, number>()
  for (const [item, users] of sums) {
    let sum = 0
    for (const one of users.values()) sum += damp(one, cap)
    if (sum > 0) scores.set(item, sum)
  }
  return scores
}
