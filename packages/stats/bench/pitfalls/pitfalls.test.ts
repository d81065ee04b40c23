/** The peers are told as they answer, the truth is counted right, and the documentation shows what the command prints. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalSf } from '../../src/distributions.ts'
import { coverage, fisherCounted, tailBySeries } from './exact.ts'
import answers from './gbstats-answers.json' with { type: 'json' }
import { gbstats, posthog, type Sums } from './peers.ts'
import { pitfallsTable } from './pitfalls.ts'

describe('the peers', () => {
  it.each(answers.map((one) => [one.id, one] as const))('%s: gbstats’ own answer', (_, one) => {
    const told = gbstats(one.a as Sums, one.b as Sums, one.relative)
    if ('refuses' in told) throw new Error(told.refuses)
    expect(told.pValue).toBeCloseTo(one.pValue, 12)
    expect(told.interval.low).toBeCloseTo(one.ci[0]!, 8)
    expect(told.interval.high).toBeCloseTo(one.ci[1]!, 8)
    expect(told.chanceToWin).toBeCloseTo(one.chanceToWin, 9)
    // With a flat prior PostHog's chance is the same one, of the relative lift.
    if (one.relative)
      expect(posthog(one.a as Sums, one.b as Sums)).toMatchObject({ chanceToWin: told.chanceToWin })
  })

  it('refuse where their formulas have nothing', () => {
    const [none, some] = [
      { n: 50, sum: 0 },
      { n: 50, sum: 5 },
    ]
    expect(gbstats(none, some)).toEqual({ refuses: 'zero variance' })
    expect(posthog(none, some)).toEqual({ refuses: 'the control must be above zero' })
  })
})

describe('the truth', () => {
  it('is Fisher’s for the lady who tasted tea, and the normal tail by another way', () => {
    expect(fisherCounted({ n: 4, successes: 1 }, { n: 4, successes: 3 })).toBeCloseTo(0.485714, 6)
    for (const z of [7, 9.4, 20]) expect(tailBySeries(z) / normalSf(z)).toBeCloseTo(1, 8)
  })

  it('counts coverage over what happens', () => {
    const always = { low: -1, high: 100 }
    expect(coverage(50, 0.1, 0.2, () => always)).toBeCloseTo(1, 9)
    expect(coverage(50, 0.1, 0.2, () => ({ low: 2, high: 3 }))).toBe(0)
    expect(coverage(50, 0.1, 0.2, (a) => (a.successes > 0 ? { low: 2, high: 3 } : always))).toBeCloseTo(
      0.9 ** 50,
      6,
    )
  })
})

it('docs/statistics.md shows the table that the command prints', () => {
  const page = readFileSync(new URL('../../../../docs/statistics.md', import.meta.url), 'utf8')
  expect(page, 'Put in what this prints: npm run bench stats -- --pitfalls').toContain(
    `\n${pitfallsTable()}\n`,
  )
}, 60_000)
