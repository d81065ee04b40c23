import { describe, expect, it } from 'vitest'
import { checkVectors } from '../vectors/check.ts'
import conditions from '../vectors/conditions.json' with { type: 'json' }
import experiments from '../vectors/experiments.json' with { type: 'json' }
import flags from '../vectors/flags.json' with { type: 'json' }
import hashes from '../vectors/hashes.json' with { type: 'json' }
import { coreOperators } from './condition.ts'
import { moreOperators } from './operators.ts'

describe('the vectors', () => {
  it('come out in Node', () => {
    const { asked, failures } = checkVectors()
    expect(failures).toEqual([])
    expect(asked).toBe(conditions.length + experiments.length + flags.length + hashes.length)
  })

  it('ask every operator at least 5 times', () => {
    const asked = Map.groupBy(conditions, ({ operator }) => operator)
    for (const operator of [
      ...Object.keys(coreOperators),
      ...Object.keys(moreOperators),
      '$and',
      '$or',
      '$nor',
    ])
      expect(asked.get(operator)?.length ?? 0, operator).toBeGreaterThanOrEqual(5)
  })

  it('ask every kind of rule at least 20 times, and 100 values that are not plain text', () => {
    for (const [kind, cases] of Map.groupBy([...experiments, ...flags], ({ kind }) => kind))
      expect(cases.length, kind).toBeGreaterThanOrEqual(20)
    const foreign = new Set(hashes.map(({ value }) => value).filter((value) => /[^\0-\x7f]/.test(value)))
    expect(foreign.size).toBeGreaterThanOrEqual(100)
    expect([...foreign].some((value) => !value.isWellFormed())).toBe(true)
  })
})
