/** From a unit to its bucket, and from a bucket to an arm: integers only, documented in the guide. */
import type { Range } from './config.ts'
import { murmur3 } from './hash.ts'

/** How many buckets there are: shares are counted in parts of a million. */
export const buckets = 1_000_000

/** Puts a unit's value, hashed with a seed, into a bucket from 0 to 999,999. */
export type Bucketer = (seed: string, value: string) => number

/** Hash version 3: ⌊murmur3(`seed:value`) · 10⁶ / 2³²⌋. Both are below 2⁵³, so that nothing is rounded. */
export const bucketOf: Bucketer = (seed, value) =>
  Math.floor((murmur3(`${seed}:${value}`) * buckets) / 4_294_967_296)

/**
 * Each arm's buckets: with bounds bᵢ = ⌊10⁶·(w₁+…+wᵢ)/W + ½⌋, arm i is [bᵢ₋₁, bᵢ₋₁ + ⌊coverage·(bᵢ−bᵢ₋₁)/10⁶⌋).
 * A growing coverage lengthens each arm where it ends, so that it moves nobody.
 *
 * @param weights integers, in ppm
 * @param coverage an integer, in ppm
 */
export function armRanges(weights: number[], coverage: number = buckets): Range[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  let end = 0
  return weights.map((weight) => {
    const start = end
    sum += weight
    // ⌊x/W + ½⌋ as a quotient of integers. Without any weight it is no number, and no arm holds a bucket.
    end = Math.floor((2 * buckets * sum + total) / (2 * total))
    return [start, start + Math.floor((coverage * (end - start)) / buckets)]
  })
}

/** The first range that holds the bucket, or -1. */
export function findRange(bucket: number, ranges: readonly Range[]): number {
  for (let i = 0; i < ranges.length; i++) if (bucket >= ranges[i]![0] && bucket < ranges[i]![1]) return i
  return -1
}
