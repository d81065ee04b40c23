/** Spreads exposure: nobody is shown in so many lists that the others are not seen. */

/** One entry of somebody's list. */
export interface Candidate<Id> {
  id: Id
  score: number
}

/** How exposure is spread. */
export interface SpreadOptions {
  /** How many slots each list has. */
  slots: number
  /** The share of people who count as the most shown. @default 0.01 */
  top?: number
  /** The most of all slots that they may have together, from 0 to 1. @default 0.05 */
  share?: number
}

/**
 * How often each person may be shown: share · slots ÷ the number of the most shown, at least 1. With N lists of s slots
 * and P people that is ⌊share·N·s ÷ ⌈top·P⌉⌋.
 */
export function exposureCap(
  lists: number,
  people: number,
  { slots, top = 0.01, share = 0.05 }: SpreadOptions,
): number {
  return Math.max(1, Math.floor((share * lists * slots) / Math.max(1, Math.ceil(top * people))))
}

/**
 * Fills the lists so that nobody stands in more than `cap` of them: all candidates of all lists are taken in the order of
 * how much a list would lose without them (their score above the list's first that would be left out), and placed while
 * there is room on both sides. A list that is short of others is filled up with the least shown of those left over: a
 * person with few candidates still gets a list.
 *
 * Source: exposure caps as in capacity-constrained recommendation, Christakopoulou, Kawale and Banerjee (WWW 2017).
 *
 * @param lists candidates for each person, best first
 * @returns the lists, best first, at most `slots` long
 */
export function spreadExposure<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  cap: number,
  { slots }: Pick<SpreadOptions, 'slots'>,
): Map<Id, Candidate<Id>[]> {
  const offers = [...lists].flatMap(([viewer, candidates]) => {
    const next = candidates[slots]?.score ?? 0
    return candidates.map((one, place) => ({ viewer, one, place, gain: one.score - next }))
  })
  offers.sort((a, b) => b.gain - a.gain || a.place - b.place)
  const shown = new Map<Id, number>()
  const filled = new Map<Id, Candidate<Id>[]>([...lists.keys()].map((viewer) => [viewer, []]))
  const left = offers.filter(({ viewer, one }) => {
    const list = filled.get(viewer)!
    const times = shown.get(one.id) ?? 0
    if (list.length >= slots || times >= cap) return true
    list.push(one)
    shown.set(one.id, times + 1)
    return false
  })
  left.sort((a, b) => (shown.get(a.one.id) ?? 0) - (shown.get(b.one.id) ?? 0) || b.gain - a.gain)
  for (const { viewer, one } of left) {
    const list = filled.get(viewer)!
    if (list.length < slots) list.push(one)
  }
  for (const list of filled.values()) list.sort((a, b) => b.score - a.score)
  return filled
}
