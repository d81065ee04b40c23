/** The whole way, small: a crowd through evaluator, ingest and process to verdicts, and what the bench holds them to. */
import { sampleSizeProportions } from '@nunchi/stats'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../../test/postgres.ts'
import { agreement } from './agreement.ts'
import { bigShop } from './big-shop.ts'
import { binomialBand } from './binomial-band.ts'
import { plannedChance, playTrial } from './trials.ts'

describe('what the bench holds figures to', () => {
  it('is the binomial’s band where all chances are equal, and certain where they are', () => {
    expect(binomialBand(new Array<number>(10).fill(0.5), 0.95)).toEqual({ low: 2, high: 8 })
    expect(binomialBand([1, 0, 1], 0.99)).toEqual({ low: 2, high: 2 })
  })

  it('names every number that is another one, and variants that only one side has', () => {
    const one = {
      variant: 'a',
      units: 2,
      multiple: 0,
      means: [1.5, 0, 0, 0],
      covariance: [[0.5]],
    }
    const faults = { events: 0, example: null }
    expect(agreement('m', { variants: [one], faults }, [one])).toEqual({ numbers: 7, differences: [] })
    const off = { ...one, means: [1.5 + 1e-7, 0, 0, 0] }
    expect(agreement('m', { variants: [off], faults }, [one]).differences).toEqual([
      'm, a: 1.5000001 in SQL, 1.5 recounted',
    ])
    expect(agreement('m', { variants: [], faults }, [one]).differences).toHaveLength(7)
  })

  it('plans with the power for which the statistics ask for so many units', () => {
    const rate = 0.3 * 0.95
    const size = sampleSizeProportions(rate, rate * 1.3, { power: 0.8 })
    const visitors = 2 * (size.ok ? size.pooled : 0)
    const chance = plannedChance({ testing: 'fixed', lift: 0.3 }, visitors)
    expect(chance).toBeCloseTo(0.8, 9)
    expect(plannedChance({ testing: 'group sequential', lift: 0.3 }, visitors)).toBeLessThan(chance)
    expect(plannedChance({ testing: 'fixed', lift: 0 }, visitors)).toBe(0.95)
  })
})

const { servers, missing } = inject('postgres')
const server = servers[0]

describe.skipIf(!server)(`the whole way ${missing.join(' ')}`.trim(), () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createDatabase(server!)
  }, 60_000)
  afterAll(() => db?.drop())

  it('sums of five experiments on 2,000 visitors are those of a recount', async () => {
    const { sent, findings } = await bigShop(db, { visitors: 2_000, seed: 1, prepare: false })
    expect(sent.duplicates).toBeGreaterThan(0)
    expect(findings.map(({ agreement: { differences, numbers } }) => [numbers, differences])).toEqual(
      findings.map(() => [expect.toSatisfy((n: number) => n >= 200), []]),
    )
    expect(findings.map(({ units }) => units > 0)).toEqual(findings.map(() => true))
  }, 60_000)

  it.each([
    ['ship', { lift: 0.5 }],
    ['roll back', { lift: -0.5 }],
    ['inconclusive', { lift: 0 }],
    ['broken: sample ratio', { lift: 0, lost: 0.5 }],
  ])(
    'says %s of what was planted so',
    async (verdict, planted) => {
      const trial = { testing: 'group sequential', ...planted } as const
      expect((await playTrial(db, trial, { visitors: 600, seed: 1 })).verdict).toBe(verdict)
    },
    30_000,
  )
})
