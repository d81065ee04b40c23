import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { evaluateExperiment, evaluateFlag } from './evaluate.ts'
import type { JsonObject } from './event.ts'
import { fromGrowthBook, growthBookRanges, growthBookShares } from './from-growthbook.ts'
import { fullEvaluator } from './full-evaluator.ts'
import type { GrowthBookPayload } from './growthbook-payload.ts'
import { withQuery } from './url.ts'
import { validate } from './validate.ts'

const compiled = (payload: GrowthBookPayload) => compile(fromGrowthBook(payload), fullEvaluator)
const flag = (payload: GrowthBookPayload, key: string, attributes: JsonObject) =>
  evaluateFlag(compiled(payload), key, attributes)

describe('fromGrowthBook()', () => {
  it('bounds ranges where its floating point does: 0.1 + 0.2 is above 0.3', () => {
    const [, , last] = growthBookRanges(growthBookShares(3, 1, [0.1, 0.2, 0.7]), 2)
    // The share begins at 0.30000000000000004, so that bucket 3000 of 10,000 still belongs to the one before.
    expect(last).toEqual([300_100, 1_000_000])
    expect(growthBookRanges([[0, 1 / 3]], 1)).toEqual([[0, 334_000]])
    expect(growthBookRanges([[-1, 2]], 1)).toEqual([[0, 1_000_000]])
  })

  it('gives a hash version that GrowthBook does not know to nobody, ours among them', () => {
    const rule = { key: 'e', variations: [0, 1], hashVersion: 3 }
    const payload = {
      features: { f: { defaultValue: 'plain', rules: [rule, { force: 1, coverage: 1, hashVersion: 3 }] } },
    }
    expect(flag(payload, 'f', { id: 'a' }).value).toBe('plain')
  })

  it('takes a percentage with its end, as GrowthBook does, and an experiment without', () => {
    const at = (coverage: number) =>
      fromGrowthBook({ features: { f: { rules: [{ force: true, coverage }] } } }).flags['f']!.rules![0]!
        .rollout!.ranges
    expect(at(0.5)).toEqual([[0, 501_000]])
    expect(at(0)).toEqual([[0, 0]])
    expect(growthBookRanges(growthBookShares(2), 1)).toEqual([
      [0, 500_000],
      [500_000, 1_000_000],
    ])
  })

  it('writes out saved groups, and says loosely what GrowthBook compares loosely', () => {
    const rules = [{ force: 'vip', condition: { id: { $inGroup: 'vip' }, age: '18' } }]
    const payload = { features: { f: { defaultValue: 'plain', rules } }, savedGroups: { vip: ['a'] } }
    expect(flag(payload, 'f', { id: 'a', age: 18 }).value).toBe('vip')
    expect(flag(payload, 'f', { id: 'b', age: 18 }).value).toBe('plain')
  })

  it('keeps apart experiments of one key, and gates that block a feature', () => {
    const gate = [{ id: 'parent', condition: { value: true }, gate: true }]
    const features = {
      parent: { defaultValue: false },
      child: {
        defaultValue: 'plain',
        rules: [{ parentConditions: gate }, { key: 'e', variations: ['a', 'b'] }],
      },
      other: { defaultValue: 'plain', rules: [{ key: 'e', variations: ['c', 'd'] }] },
    }
    expect(Object.keys(fromGrowthBook({ features }).experiments)).toEqual(['e', 'other.1'])
    expect(flag({ features }, 'child', { id: '1' })).toMatchObject({ value: null, reason: 'prerequisite' })
    expect(['c', 'd']).toContain(flag({ features }, 'other', { id: '1' }).value)
  })

  it('runs redirect tests where their addresses say, and keeps the query where they ask for it', () => {
    const to = 'https://shop.example/new?color=red'
    const experiments = [
      {
        key: 'redirect',
        variations: [{}, { urlRedirect: to }],
        weights: [0, 1],
        persistQueryString: true,
        urlPatterns: [{ type: 'simple' as const, pattern: 'https://shop.example/home' }],
      },
    ]
    const at = (url: string) =>
      evaluateExperiment(compiled({ experiments }), 'redirect', { id: '1' }, { url })
    expect(at('https://shop.example/home?color=blue&a=1').value).toEqual({ urlRedirect: to })
    expect(at('https://shop.example/elsewhere').reason).toBe('url')
    expect(withQuery('https://shop.example/home?color=blue&a=1', to)).toBe(
      'https://shop.example/new?color=red&a=1',
    )
  })

  it('makes a config with nothing to mend', () => {
    const features = {
      f: { defaultValue: 1, rules: [{ key: 'e', variations: [1, 2], condition: { a: 'b' } }] },
    }
    expect(validate(fromGrowthBook({ features }))).toEqual([])
    const mixed = { f: { defaultValue: 1, rules: [{ force: 'one' }] } }
    expect(fromGrowthBook({ features: mixed }).flags['f']!.type).toBe('json')
    expect(validate(fromGrowthBook({ features: mixed }))).toEqual([])
  })
})
