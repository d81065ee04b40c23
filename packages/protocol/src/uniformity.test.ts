import { expect, it } from 'vitest'
import { bucketOf, buckets } from './bucket.ts'

/*
 * One million visitors through the hash of version 3, in two experiments and two namespaces. Everything is fixed, so the
 * figures are the same in every run; a true random split stays below the bound in 99.9 % of all cases.
 */
const visitors = 1_000_000
const seeds = ['checkout-1', 'checkout-2', '__pricing', '__search']
const cells = 100

it('spreads a million visitors evenly, and each experiment and namespace independently of the others', () => {
  const counts = seeds.map(() => new Uint32Array(cells))
  const pairs = new Map<string, Uint32Array>()
  for (let a = 0; a < seeds.length; a++)
    for (let b = a + 1; b < seeds.length; b++) pairs.set(`${seeds[a]} × ${seeds[b]}`, new Uint32Array(100))
  const tenth = new Uint8Array(seeds.length)
  for (let i = 0; i < visitors; i++) {
    const id = `user-${i}`
    for (let s = 0; s < seeds.length; s++) {
      const bucket = bucketOf(seeds[s]!, id)
      const cell = Math.floor((bucket * cells) / buckets)
      counts[s]![cell]!++
      tenth[s] = Math.floor(cell / 10)
    }
    let pair = 0
    for (const table of pairs.values()) {
      const [a, b] = pairsOf[pair++]!
      table[tenth[a]! * 10 + tenth[b]!]!++
    }
  }
  const chiSquare = (observed: Uint32Array): number => {
    const expected = visitors / observed.length
    return observed.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  }
  // Both have 99 degrees of freedom (100 cells of one, 10 × 10 of two); 148.23 is the 0.999 quantile of chi-square.
  for (const [s, observed] of counts.entries()) expect(chiSquare(observed), seeds[s]).toBeLessThan(148.23)
  for (const [name, observed] of pairs) expect(chiSquare(observed), name).toBeLessThan(148.23)
}, 60_000)

const pairsOf: [number, number][] = []
for (let a = 0; a < seeds.length; a++) for (let b = a + 1; b < seeds.length; b++) pairsOf.push([a, b])
