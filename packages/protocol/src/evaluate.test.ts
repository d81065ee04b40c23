import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { armRanges, bucketOf, buckets } from './bucket.ts'
import { compile } from './compile.ts'
import type { Config, Experiment, Flag, Rule } from './config.ts'
import { evaluateExperiment, evaluateFlag } from './evaluate.ts'
import type { ExperimentResult } from './evaluation.ts'
import { fullEvaluator } from './full-evaluator.ts'
import { keepSticky } from './sticky.ts'

const halves: Experiment = {
  status: 'running',
  revision: 3,
  variants: [
    { key: 'control', weight: 500_000, isControl: true, configuration: { steps: 3 } },
    { key: 'short', weight: 500_000, configuration: { steps: 1 } },
  ],
}
const configOf = (experiments: Config['experiments'], flags: Config['flags'] = {}): Config => ({
  version: 'v',
  flags,
  experiments,
})
const run = (experiment: Experiment, attributes: object, options = {}): ExperimentResult =>
  evaluateExperiment(
    compile(configOf({ test: experiment }), fullEvaluator),
    'test',
    attributes as never,
    options,
  )
const flagOf = (rules: unknown[], more: Partial<Flag> = {}): Flag => ({
  type: 'string',
  value: 'plain',
  revision: 1,
  rules: rules as Rule[],
  ...more,
})

describe('an experiment', () => {
  it('says all that an exposure carries', () => {
    const bucket = bucketOf('test', 'visitor-1')
    expect(run(halves, { anonymousId: 'visitor-1' })).toEqual({
      experiment: 'test',
      variant: bucket < 500_000 ? 'control' : 'short',
      index: bucket < 500_000 ? 0 : 1,
      value: { steps: bucket < 500_000 ? 3 : 1 },
      inExperiment: true,
      passthrough: false,
      assigned: true,
      reason: 'split',
      revision: 3,
      attribute: 'anonymousId',
      unit: 'visitor-1',
      bucket,
    })
  })

  it('is the control, and no exposure, for whoever is not in', () => {
    const result = run({ ...halves, condition: { country: 'KR' } }, { anonymousId: 'a' })
    expect(result).toMatchObject({
      variant: 'control',
      reason: 'condition',
      inExperiment: false,
      assigned: false,
    })
  })

  it('obeys overrides before anything else, and counts nobody for it', () => {
    const options = { overrides: { experiments: { test: 'short' } } }
    const result = run({ ...halves, status: 'draft' }, {}, options)
    expect(result).toMatchObject({ variant: 'short', reason: 'override', assigned: false })
  })

  it('gives the variant that the address asks for, with the full evaluator only', () => {
    const options = { url: 'https://shop.example/?test=short' }
    expect(run(halves, {}, options)).toMatchObject({ variant: 'short', reason: 'override' })
    const core = compile(configOf({ test: halves }))
    expect(evaluateExperiment(core, 'test', {}, options).reason).toBe('no_unit')
  })

  it.each([
    ['urls', { urls: [{ type: 'simple', pattern: '/a' }] }],
    ['hashVersion 2', { hashVersion: 2 }],
    ['$regex', { condition: { a: { $regex: 'a' } } }],
    ['moonPhase', { moonPhase: 'full' }],
    ['$moon', { condition: { $or: [{ a: { $moon: 1 } }] } }],
  ])('with %s is refused by an evaluator that does not know it, never guessed', (what, more) => {
    const compiled = compile(configOf({ test: { ...halves, ...more } as Experiment }))
    expect(compiled.unsupported).toEqual([`experiments.test: ${what}`])
    const result = evaluateExperiment(compiled, 'test', { anonymousId: 'a', a: 'a' })
    expect(result).toMatchObject({ reason: 'unsupported', variant: 'control', inExperiment: false })
  })

  it('keeps who was assigned, when weights change', () => {
    const first = run(halves, { anonymousId: 'visitor-1' })
    const kept = keepSticky({}, halves, first)
    expect(keepSticky(kept, halves, first)).toBe(kept)
    const changed = {
      ...halves,
      variants: halves.variants.map((one, i) => ({ ...one, weight: i === first.index ? 0 : buckets })),
    }
    const options = { sticky: { [`anonymousId||visitor-1`]: kept['anonymousId||visitor-1']! } }
    // The assignment is kept by the experiment's key.
    expect(kept['anonymousId||visitor-1']).toEqual({ test__0: first.variant })
    expect(run(changed, { anonymousId: 'visitor-1' }, options)).toMatchObject({
      variant: first.variant,
      reason: 'sticky',
    })
    expect(run(changed, { anonymousId: 'visitor-1' }).variant).not.toBe(first.variant)
    expect(
      run({ ...changed, bucketVersion: 1, minBucketVersion: 1 }, { anonymousId: 'visitor-1' }, options)
        .reason,
    ).toBe('bucket_version')
  })

  it('falls back to another attribute only where the first has no value', () => {
    const test = { ...halves, attribute: 'userId', fallback: 'anonymousId' }
    expect(run(test, { anonymousId: 'a' })).toMatchObject({ attribute: 'anonymousId', unit: 'a' })
    expect(run(test, { anonymousId: 'a', userId: 7 })).toMatchObject({ attribute: 'userId', unit: '7' })
  })

  it('lists every assignment made on the way, those of prerequisites too', () => {
    const config = configOf(
      {
        test: { ...halves, prerequisites: [{ flag: 'parent', condition: { value: { $exists: true } } }] },
        before: halves,
      },
      { parent: flagOf([{ id: 'r', experiment: 'before' }]) },
    )
    const assignments: ExperimentResult[] = []
    evaluateExperiment(compile(config), 'test', { anonymousId: 'a' }, { assignments })
    expect(assignments.map(({ experiment }) => experiment)).toEqual(['before', 'test'])
  })
})

describe('a flag', () => {
  const evaluate = (flags: Config['flags'], attributes: object = {}, options = {}) =>
    evaluateFlag(compile(configOf({}, flags)), 'a', attributes as never, options)

  it('passes over a rule of a newer version, names it, and goes on', () => {
    const compiled = compile(
      configOf(
        {},
        {
          a: flagOf([
            { id: 'new', value: 'x', geofence: {} },
            { id: 'old', value: 'y' },
          ]),
        },
      ),
    )
    expect(evaluateFlag(compiled, 'a', {})).toMatchObject({ value: 'y', rule: 'old' })
    expect(compiled.unsupported).toEqual(['flags.a.rules.new: geofence'])
  })

  it('that waits for itself is off, however it is asked', () => {
    const waits = (flag: string) =>
      flagOf([{ id: 'r', value: 'x', prerequisites: [{ flag }] }], { off: 'off' })
    const flags = { a: waits('b'), b: waits('a') }
    expect(evaluate(flags)).toMatchObject({ value: 'off', reason: 'cycle' })
    expect(evaluate(flags)).toMatchObject({ value: 'off', reason: 'cycle' })
  })

  it('is null and unknown where there is none, and null where it is not understood', () => {
    expect(evaluate({})).toMatchObject({ value: null, reason: 'unknown' })
    expect(evaluate({ a: { ...flagOf([]), moonPhase: 1 } as Flag })).toMatchObject({
      value: null,
      reason: 'unsupported',
    })
  })

  it('compiles anything without throwing', () => {
    const odd = fc.dictionary(
      fc.constantFrom(
        'a',
        'rules',
        'variants',
        'condition',
        'value',
        'status',
        '__proto__',
        'namespaces',
        'forced',
      ),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(odd, odd, (flag, experiment) => {
        const config = configOf({ a: experiment as never }, { a: flag as never })
        const compiled = compile(config, fullEvaluator)
        return compiled.flags.has('a') && compiled.experiments.has('a')
      }),
    )
  })

  it('takes any attributes of JSON without throwing', () => {
    const rule = {
      id: 'r',
      value: 'x',
      condition: { 'a.b': { $in: ['x'] }, a: { $not: { $gt: 3 } }, roles: { $nin: [1] } },
    }
    const compiled = compile(configOf({ a: halves }, { a: flagOf([rule]) }), fullEvaluator)
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'roles', 'anonymousId'), fc.jsonValue()),
        (attributes) => {
          const json = attributes as never
          return !!evaluateFlag(compiled, 'a', json) && !!evaluateExperiment(compiled, 'a', json)
        },
      ),
    )
  })
})

describe('shares', () => {
  const weights = fc
    .array(fc.integer({ min: 0, max: buckets }), { minLength: 1, maxLength: 6 })
    .filter((all) => all.some(Boolean))

  it('fill all buckets without a gap, each arm within one bucket of its weight', () => {
    fc.assert(
      fc.property(weights, (all) => {
        const total = all.reduce((sum, one) => sum + one, 0)
        const ranges = armRanges(all)
        ranges.forEach(([start, end], i) => {
          expect(start).toBe(i === 0 ? 0 : ranges[i - 1]![1])
          expect(Math.abs(end - start - (buckets * all[i]!) / total)).toBeLessThanOrEqual(1)
        })
        expect(ranges.at(-1)![1]).toBe(buckets)
      }),
    )
  })

  it('move nobody when a ramp grows: 10, then 50, then 100 %', () => {
    const at = (coverage: number, unit: string) => run({ ...halves, coverage }, { anonymousId: unit })
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.array(fc.integer({ min: 0, max: buckets }), { maxLength: 4 }),
        (unit, steps) => {
          const ramp = [100_000, 500_000, buckets, ...steps].sort((a, b) => a - b)
          const results = ramp.map((coverage) => at(coverage, unit))
          const first = results.findIndex(({ inExperiment }) => inExperiment)
          for (const result of results.slice(first < 0 ? results.length : first))
            expect(result).toMatchObject({ inExperiment: true, variant: results[first]!.variant })
        },
      ),
    )
    const flag = (coverage: number) =>
      compile(configOf({}, { a: flagOf([{ id: 'r', value: 'on', rollout: { coverage } }]) }))
    const [tenth, half, all] = [flag(100_000), flag(500_000), flag(buckets)]
    for (let i = 0; i < 5000; i++) {
      const on = [tenth, half, all].map(
        (compiled) => evaluateFlag(compiled, 'a', { anonymousId: `v${i}` }).value === 'on',
      )
      expect(on).toEqual(on.toSorted((a, b) => Number(a) - Number(b)))
      expect(on[2]).toBe(true)
    }
  })
})
