/** How good a ranking is: recall, precision, NDCG and their relatives, binary relevance, by the letter. */

/** What a ranking's quality is measured against. */
export interface RankingQuestion<Id> {
  /** What was recommended, best first. */
  ranked: readonly Id[]
  /** What turned out to be wanted: the visitor's held-back items, not empty. */
  relevant: ReadonlySet<Id>
  /** How many of the ranking are looked at. */
  k: number
}

/** Every measure of one ranking, each from 0 to 1. */
export interface RankingMetrics {
  /** Hits among the first k ÷ all relevant items: the denominator is |T|, not min(k, |T|). */
  recall: number
  /** Hits among the first k ÷ k. */
  precision: number
  /** Discounted gain ÷ that of an ideal list of min(k, |T|) hits. */
  ndcg: number
  /** Discounted gain of the first k ÷ that of an ideal list of all |T| relevant items, as some published tables have it. */
  ndcgUntruncated: number
  /** 1 ÷ the place of the first hit among the first k, 0 without one. */
  reciprocalRank: number
  /** The mean of the precision at each hit among the first k, over all |T| relevant items. */
  averagePrecision: number
}

const discount = (place: number): number => 1 / Math.log2(place + 1)

const ideal = (hits: number): number => {
  let sum = 0
  for (let place = 1; place <= hits; place++) sum += discount(place)
  return sum
}

/**
 * The measures of one ranking. An item that the ranking repeats counts once.
 *
 * Sources: NDCG, Järvelin and Kekäläinen (TOIS 2002) with binary gain and discount 1 ÷ log₂(place + 1); the others,
 * Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), chapter 8.
 *
 * @throws RangeError where nothing is relevant, or k is no positive integer: nothing can be measured
 */
export function rankingMetrics<Id>({ ranked, relevant, k }: RankingQuestion<Id>): RankingMetrics {
  if (relevant.size === 0)
    throw new RangeError('relevant is empty: leave rankings without a held-back item out.')
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k is ${k}; it must be a positive integer.`)
  const found = new Set<Id>()
  let gain = 0
  let first = 0
  let precisions = 0
  for (const [i, id] of ranked.slice(0, k).entries()) {
    if (!relevant.has(id) || found.has(id)) continue
    found.add(id)
    gain += discount(i + 1)
    first ||= i + 1
    precisions += found.size / (i + 1)
  }
  return {
    recall: found.size / relevant.size,
    precision: found.size / k,
    ndcg: gain / ideal(Math.min(k, relevant.size)),
    ndcgUntruncated: gain / ideal(relevant.size),
    reciprocalRank: first > 0 ? 1 / first : 0,
    averagePrecision: precisions / relevant.size,
  }
}

/**
 * The probability that a thing that is so scores above one that is not (area under the ROC curve); ties count half.
 *
 * Source: the Mann-Whitney statistic, Hanley and McNeil (Radiology 1982).
 *
 * @returns NaN never; `undefined` where all are alike
 */
export function areaUnderCurve(scores: readonly number[], truths: readonly boolean[]): number | undefined {
  const order = scores.map((score, i) => ({ score, so: truths[i]! })).sort((a, b) => a.score - b.score)
  const positives = order.filter(({ so }) => so).length
  if (positives === 0 || positives === order.length) return undefined
  let ranks = 0
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && order[to]!.score === order[from]!.score) to++
    for (let i = from; i < to; i++) if (order[i]!.so) ranks += (from + 1 + to) / 2
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives))
}

/**
 * The mean of the shares of true and of false things that are called rightly; 0.5 says nothing. Plain accuracy says
 * little where one in six is true: calling everything false is right five times in six.
 *
 * @returns `undefined` where all truths are alike
 */
export function balancedAccuracy(calls: readonly boolean[], truths: readonly boolean[]): number | undefined {
  const counts = { right: [0, 0], all: [0, 0] }
  truths.forEach((so, i) => {
    counts.all[Number(so)]!++
    if (calls[i] === so) counts.right[Number(so)]!++
  })
  const [no, yes] = counts.all as [number, number]
  return no === 0 || yes === 0 ? undefined : (counts.right[0]! / no + counts.right[1]! / yes) / 2
}
