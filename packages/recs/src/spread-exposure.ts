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

/** How often each person may be shown, so that the most shown keep within their share. */
export interface ExposureCaps {
  /** In how many lists each person may stand. */
  each: number
  /** How many people may stand in one more. */
  extra: number
}

/**
 * The caps of N lists of s slots with P people: the most shown ⌈top·P⌉ may have ⌊share·N·s⌋ slots together, evenly; at
 * least one each.
 */
export function exposureCaps(
  lists: number,
  people: number,
  { slots, top = 0.01, share = 0.05 }: SpreadOptions,
): ExposureCaps {
  const most = Math.max(1, Math.ceil(top * people))
  const budget = Math.max(most, Math.floor(share * lists * slots))
  const each = Math.floor(budget / most)
  return { each, extra: budget - each * most }
}

/** How many times each stands in the lists. */
function timesShown<Id>(lists: Iterable<readonly Candidate<Id>[]>): Map<Id, number> {
  const shown = new Map<Id, number>()
  for (const list of lists) for (const { id } of list) shown.set(id, (shown.get(id) ?? 0) + 1)
  return shown
}

/** Each viewer's best, when what is asked for by too many costs something. */
function choose<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  prices: ReadonlyMap<Id, number>,
  slots: number,
): Candidate<Id>[][] {
  const worth = ({ id, score }: Candidate<Id>): number => score - (prices.get(id) ?? 0)
  return [...lists.values()].map((list) => [...list].sort((a, b) => worth(b) - worth(a)).slice(0, slots))
}

/** Prices at which hardly anybody is asked for more often than `cap`: raised where too many ask, lowered where too few. */
function pricesFor<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  cap: number,
  slots: number,
): Map<Id, number> {
  const prices = new Map<Id, number>()
  const scores = [...lists.values()].flatMap((list) => list.map(({ score }) => score))
  const spread = scores.reduce((most, one) => Math.max(most, one), 0)
  for (let round = 0; round < 100; round++) {
    const step = (0.1 * spread) / (1 + round / 10)
    const shown = timesShown(choose(lists, prices, slots))
    for (const [id, times] of shown)
      if (times > cap || prices.has(id))
        prices.set(id, Math.max(0, (prices.get(id) ?? 0) + step * Math.max(-1, Math.min(1, times / cap - 1))))
  }
  return prices
}

/**
 * Fills the lists so that nobody stands in more of them than the caps allow, at little loss: those whom too many ask for get a
 * price, so that the viewers who lose least by it choose others; then the lists are filled in the order of what each
 * place is worth, while there is room on both sides. A list that is short of others is filled up with the least shown of
 * those left over: a person with few candidates still gets a list.
 *
 * Source: prices as in the auction algorithm of assignment (Bertsekas, Annals of Operations Research 1988); capacities in
 * recommendation, Christakopoulou, Kawale and Banerjee (WWW 2017).
 *
 * @param lists candidates for each person, best first. Scores are compared between lists: let them be what a place is
 *   worth, such as the probability of a match
 * @returns the lists, best first, at most `slots` long
 */
export function spreadExposure<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  { each, extra }: ExposureCaps,
  slots: number,
): Map<Id, Candidate<Id>[]> {
  const prices = pricesFor(lists, each + (extra > 0 ? 1 : 0), slots)
  const offers = [...lists].flatMap(([viewer, candidates]) => {
    const priced = candidates
      .map((one) => ({ viewer, one, worth: one.score - (prices.get(one.id) ?? 0) }))
      .sort((a, b) => b.worth - a.worth)
    const next = priced[slots]?.worth ?? 0
    return priced.map((offer, place) => ({ ...offer, place, gain: offer.worth - next }))
  })
  offers.sort((a, b) => b.gain - a.gain || a.place - b.place)
  const shown = new Map<Id, number>()
  let more = extra
  const filled = new Map<Id, Candidate<Id>[]>([...lists.keys()].map((viewer) => [viewer, []]))
  const left = offers.filter(({ viewer, one }) => {
    const list = filled.get(viewer)!
    const times = shown.get(one.id) ?? 0
    if (list.length >= slots || times > each || (times === each && more === 0)) return true
    if (times === each) more--
    list.push(one)
    shown.set(one.id, times + 1)
    return false
  })
  left.sort((a, b) => (shown.get(a.one.id) ?? 0) - (shown.get(b.one.id) ?? 0) || b.gain - a.gain)
  for (const { viewer, one } of left) {
    const list = filled.get(viewer)!
    if (list.length < slots && !list.includes(one)) list.push(one)
  }
  for (const list of filled.values()) list.sort((a, b) => b.score - a.score)
  return filled
}
