/** Spreads exposure: nobody is shown in so many lists that the others are not seen. */
import { inOneGo } from './in-one-go.ts'

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

/** Lists by number, so that a hundred rounds over all of them are cheap. */
interface Numbered<Id> {
  ids: Id[]
  /** Each list's candidates and their scores, side by side. */
  lists: { others: Int32Array; scores: Float64Array }[]
}

function numbered<Id>(lists: Iterable<readonly Candidate<Id>[]>): Numbered<Id> {
  const numbers = new Map<Id, number>()
  const numberOf = ({ id }: Candidate<Id>): number => {
    const known = numbers.get(id)
    if (known !== undefined) return known
    numbers.set(id, numbers.size)
    return numbers.size - 1
  }
  const all = [...lists].map((list) => ({
    others: Int32Array.from(list, numberOf),
    scores: Float64Array.from(list, ({ score }) => score),
  }))
  return { ids: [...numbers.keys()], lists: all }
}

/** Counts for each how many viewers choose them, when what is asked for by too many costs something. */
function choose(
  { others, scores }: { others: Int32Array; scores: Float64Array },
  prices: Float64Array,
  slots: number,
  shown: Int32Array,
): void {
  const best: { other: number; worth: number }[] = []
  for (let i = 0; i < others.length; i++) {
    const other = others[i]!
    const worth = scores[i]! - prices[other]!
    if (best.length === slots && worth <= best[slots - 1]!.worth) continue
    let at = best.length === slots ? slots - 1 : best.length
    for (; at > 0 && best[at - 1]!.worth < worth; at--) best[at] = best[at - 1]!
    best[at] = { other, worth }
  }
  for (const { other } of best) shown[other]!++
}

/** Prices at which hardly anybody is asked for more often than `cap`: raised where too many ask, lowered where too few. */
function* pricesFor<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  cap: number,
  slots: number,
): Generator<unknown, Map<Id, number>> {
  const { ids, lists: all } = numbered(lists.values())
  const prices = new Float64Array(ids.length)
  const priced = new Uint8Array(ids.length)
  const spread = all.reduce((most, { scores }) => scores.reduce((a, b) => Math.max(a, b), most), 0)
  for (let round = 0; round < 100; round++) {
    const step = (0.1 * spread) / (1 + round / 10)
    const shown = new Int32Array(ids.length)
    for (const [at, list] of all.entries()) {
      choose(list, prices, slots, shown)
      if (at % 1024 === 1023) yield
    }
    for (const [one, times] of shown.entries()) {
      if (times === 0 || (times <= cap && !priced[one])) continue
      priced[one] = 1
      prices[one] = Math.max(0, prices[one]! + step * Math.max(-1, Math.min(1, times / cap - 1)))
    }
    yield
  }
  return new Map(ids.flatMap((id, i) => (priced[i] ? [[id, prices[i]!]] : [])))
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
 * @returns slices of work; the last one answers the lists, best first, at most `slots` long
 */
export function* spreadExposureInSlices<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  { each, extra }: ExposureCaps,
  slots: number,
): Generator<unknown, Map<Id, Candidate<Id>[]>> {
  const prices = yield* pricesFor(lists, each + (extra > 0 ? 1 : 0), slots)
  const offersOf = (viewer: Id, candidates: readonly Candidate<Id>[]) => {
    const priced = candidates
      .map((one) => ({ viewer, one, worth: one.score - (prices.get(one.id) ?? 0) }))
      .sort((a, b) => b.worth - a.worth)
    const next = priced[slots]?.worth ?? 0
    return priced.map((offer, place) => ({ ...offer, place, gain: offer.worth - next }))
  }
  const offers: ReturnType<typeof offersOf> = []
  for (const [viewer, candidates] of lists) {
    offers.push(...offersOf(viewer, candidates))
    yield
  }
  offers.sort((a, b) => b.gain - a.gain || a.place - b.place)
  yield
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

/** The same in one go. */
export function spreadExposure<Id>(
  lists: ReadonlyMap<Id, readonly Candidate<Id>[]>,
  caps: ExposureCaps,
  slots: number,
): Map<Id, Candidate<Id>[]> {
  return inOneGo(spreadExposureInSlices(lists, caps, slots))
}
