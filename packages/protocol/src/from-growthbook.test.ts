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

  describe('saved groups that say what they are', () => {
    const savedGroups = {
      staff: { type: 'list', attributeKey: 'mail', values: ['ann@shop.example'] },
      paying: { type: 'condition', condition: { plan: { $ne: 'free' }, $savedGroup: { id: 'abroad' } } },
      abroad: { type: 'condition', condition: { $not: { country: 'KR' } } },
      egg: { type: 'condition', condition: { $savedGroup: { id: 'hen' } } },
      hen: { type: 'condition', condition: { $or: [{ $savedGroup: { id: 'egg' } }] } },
      tomorrow: { type: 'weather', values: ['rain'] },
      broken: null,
      old: ['ann'],
    }
    const meets = (condition: JsonObject, attributes: JsonObject) => {
      const payload = {
        features: { f: { defaultValue: false, rules: [{ force: true, condition }] } },
        savedGroups,
      }
      expect(validate(fromGrowthBook(payload))).toEqual([])
      return flag(payload, 'f', attributes).value
    }
    const group = (id: string, more: JsonObject = {}) => ({ $savedGroup: { id, ...more } })
    const ann = { mail: 'ann@shop.example' }

    it('are lists of an attribute, their own or that of the reference', () => {
      expect(meets(group('staff'), ann)).toBe(true)
      expect(meets(group('staff'), { mail: 'bob@shop.example' })).toBe(false)
      expect(meets(group('staff', { attributeKey: 'work.mail' }), { work: ann })).toBe(true)
      expect(meets(group('staff', { attributeKey: 'work.mail' }), ann)).toBe(false)
      expect(meets(group('staff', { attributeKey: 1 }), ann)).toBe(false)
    })
    it('are conditions, of other groups too, beside what else is asked', () => {
      expect(meets(group('paying'), { plan: 'pro', country: 'FR' })).toBe(true)
      expect(meets(group('paying'), { plan: 'free', country: 'FR' })).toBe(false)
      expect(meets(group('paying'), { plan: 'pro', country: 'KR' })).toBe(false)
      const both = { $and: [{ age: 20 }], ...group('staff') }
      expect(meets(both, { ...ann, age: 20 })).toBe(true)
      expect(meets(both, { ...ann, age: 21 })).toBe(false)
      expect(meets(both, { age: 20 })).toBe(false)
    })
    it('are asked of the members of a list', () => {
      const condition = { people: { $elemMatch: { age: 20, ...group('staff') } } }
      expect(meets(condition, { people: [{ age: 20 }, { ...ann, age: 20 }] })).toBe(true)
      expect(meets(condition, { people: [{ age: 20 }, ann] })).toBe(false)
    })
    it('match nobody where they go in a circle or are not understood', () => {
      for (const id of ['egg', 'tomorrow', 'broken', 'old', 'none', 'constructor'])
        expect([id, meets(group(id), ann), meets({ $not: group(id) }, ann)]).toEqual([id, false, true])
      expect(meets({ $savedGroup: 'staff' }, ann)).toBe(false)
    })
    it('are lists for whoever asks for a list, and neither in nor out where they are none', () => {
      expect(meets({ backup: { $inGroup: 'staff' } }, { backup: 'ann@shop.example' })).toBe(true)
      expect(meets({ backup: { $notInGroup: 'staff' } }, { backup: 'ann@shop.example' })).toBe(false)
      expect(meets({ id: { $inGroup: 'old' } }, { id: 'ann' })).toBe(true)
      expect(meets({ id: { $notInGroup: 'none' } }, { id: 'ann' })).toBe(true)
      for (const id of ['paying', 'tomorrow', 'broken'])
        for (const operator of ['$inGroup', '$notInGroup'])
          expect(meets({ id: { [operator]: id, $in: ['ann'] } }, { id: 'ann' })).toBe(false)
    })
    it('are asked of a prerequisite as well', () => {
      const parentConditions = [{ id: 'parent', condition: group('on') }]
      const on = { type: 'condition', condition: { value: true } }
      const child = { defaultValue: false, rules: [{ force: true, parentConditions }] }
      for (const parent of [true, false]) {
        const features = { parent: { defaultValue: parent }, child }
        expect(flag({ features, savedGroups: { on } }, 'child', {}).value).toBe(parent)
      }
    })
  })

  it('shares a contextual bandit out by its own weights until it has found contexts', () => {
    const rules = [{ contextualVariations: ['a', 'b'], weights: [0, 1], contextualBanditRef: 'bandit' }]
    const features = { f: { defaultValue: 'plain', rules } }
    const given = (contexts?: JsonObject[]) =>
      flag({ features, contextualBandits: { bandit: contexts ? { contexts } : {} } }, 'f', { id: '1' }).value
    expect(given()).toBe('b')
    expect(given([])).toBe('b')
    expect(given([{ leafId: 1, weights: [1, 0] }])).toBe('plain')
    expect(flag({ features }, 'f', { id: '1' }).value).toBe('b')
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
