/** One place of a list for what is not known yet, so that new items get their chance. */

/** A candidate for the place: how often it was shown, and how often clicked. */
export interface Arm<Id> {
  id: Id
  shown: number
  clicked: number
}

/** Where and by what chance the place is given. */
export interface ExploreOptions<Id> {
  /** Those that may take the place, the least known among them. */
  arms: readonly Arm<Id>[]
  /** The place, from 0; a shorter list gets it at its end. @default 4 */
  place?: number
  /** Draws a number from 0 up to 1. Seeded by visitor and hour it gives the same answer all that hour. */
  random: () => number
  /** Clicks per showing of an unknown item, before anything is known of it. @default 0.05 */
  prior?: number
}

/**
 * Puts one arm into `ranked` at `place`, and leaves the list alone where no arm is new to it. The arm is drawn by its
 * optimism: the largest of rate + deviation·|draw|, rate = (clicked + prior·10) ÷ (shown + 10), deviation =
 * √(rate·(1 − rate) ÷ (shown + 10)); what was shown often without a click is drawn ever more rarely.
 *
 * Source: Thompson sampling (Chapelle and Li, NIPS 2011) with the normal approximation of the posterior.
 */
export function explore<Id>(
  ranked: readonly Id[],
  { arms, place = 4, random, prior = 0.05 }: ExploreOptions<Id>,
): { list: Id[]; explored?: Id } {
  const there = new Set(ranked)
  let chosen: Arm<Id> | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const arm of arms) {
    if (there.has(arm.id)) continue
    const rate = (arm.clicked + 10 * prior) / (arm.shown + 10)
    // Box and Muller; a draw of 0 has no logarithm.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const value = rate + Math.sqrt((rate * Math.max(0, 1 - rate)) / (arm.shown + 10)) * normal
    if (value > most) [chosen, most] = [arm, value]
  }
  if (!chosen) return { list: [...ranked] }
  const list = [...ranked]
  list.splice(Math.min(place, list.length), 0, chosen.id)
  return { list: list.slice(0, Math.max(1, ranked.length)), explored: chosen.id }
}
