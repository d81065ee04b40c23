/** What beginning a ramp makes of a config: who had the new value keeps it, and what cannot ramp is refused by name. */
import { type ConfigDefinition, compile, evaluateFlag, publish, validate } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { emptyDefinition, nothingYet } from '../manage/change.ts'
import { beginExperiment, beginFlag } from './changes.ts'
import type { RampGuardrail } from './ramp.ts'
import type { RampInput } from './ramp-input.ts'

const guardrails: RampGuardrail[] = []
const input = (shares: number[], more: object = {}): RampInput => ({
  steps: shares.map((share) => ({ share })),
  guardrails: [],
  ...more,
})
const flagWith = (rules: object[], more: object = {}): ConfigDefinition => ({
  ...emptyDefinition,
  flags: { new: { type: 'boolean', value: false, revision: 1, rules, ...more } as never },
})
const begin = (definition: ConfigDefinition, asked: RampInput) =>
  beginFlag('new', asked, guardrails)(definition, nothingYet)
const reader = (definition: ConfigDefinition) => {
  const compiled = compile(publish(definition))
  return (i: number, more = {}) => evaluateFlag(compiled, 'new', { anonymousId: `v${i}`, ...more }).value
}
const everybody = Array.from({ length: 4000 }, (_, i) => i)

describe('the ramp of a flag', () => {
  it('takes a rollout over: who had the value keeps it, and as many as the step says have it', () => {
    const before = flagWith([
      { id: 'some', value: true, rollout: { coverage: 50_000, seed: 'salt' }, condition: { plan: 'pro' } },
    ])
    const { change, plan } = begin(before, input([100_000, 500_000, 1_000_000]))
    expect(validate(change.definition)).toEqual([])
    const [old, now] = [reader(before), reader(change.definition)]
    const pro = { plan: 'pro' }
    const had = everybody.filter((i) => old(i, pro))
    expect(had.length).toBeGreaterThan(100)
    expect(had.every((i) => now(i, pro))).toBe(true)
    const share = everybody.filter((i) => now(i, pro)).length / everybody.length
    expect(share).toBeGreaterThan(0.08)
    expect(share).toBeLessThan(0.12)
    expect(everybody.some((i) => now(i))).toBe(false)
    expect(plan.steps.map(({ coverage }) => coverage)).toEqual([200_000, 1_000_000, 1_000_000])
    expect(plan).toMatchObject({ control: 'off', treatments: ['on'], winner: 'on' })
  })

  it('makes room for steps above half, and its coverage never falls short of the share', () => {
    const { plan, change } = begin(flagWith([]), input([333_333, 750_000]))
    const [on, off] = change.definition.experiments['new-ramp']!.variants
    expect([on!.weight, off!.weight]).toEqual([750_000, 250_000])
    for (const { share, coverage } of plan.steps)
      expect(Math.floor((coverage * 750_000) / 1e6)).toBeGreaterThanOrEqual(share)
  })

  it.each([
    ['no such flag', {}, input([1]), /no flag "new"/],
    [
      'a larger rollout',
      flagWith([{ id: 'r', value: true, rollout: { coverage: 200_000 } }]),
      input([100_000]),
      /rolled out to 200000/,
    ],
    [
      'two rollouts',
      flagWith(['a', 'b'].map((id) => ({ id, value: true, rollout: {} }))),
      input([100_000]),
      /several rules/,
    ],
    ['a rule that is not there', flagWith([]), input([100_000], { rule: 'x' }), /no rule "x"/],
    [
      'ranges',
      flagWith([{ id: 'r', value: true, rollout: { ranges: [[0, 5]] } }]),
      input([100_000]),
      /has ranges/,
    ],
    ['no value', flagWith([], { type: 'string', value: 'a' }), input([100_000]), /is of type string/],
  ] as const)('is refused where there is %s', (_what, definition, asked, says) => {
    expect(() => begin({ ...emptyDefinition, ...definition } as never, asked)).toThrow(says)
  })
})

describe('the ramp of an experiment', () => {
  const variants = [
    { key: 'a', weight: 500_000, isControl: true },
    { key: 'b', weight: 500_000 },
  ]
  const draft = { name: 'x', hypothesis: 'h', status: 'draft' as const, revision: 3, variants }
  const ask = (more: object, shares = [100_000, 1_000_000]) =>
    beginExperiment(
      'x',
      input(shares),
      guardrails,
    )({ flags: {}, experiments: { x: { ...draft, ...more } } }, nothingYet)

  it('starts a draft, or goes on with a running one, under the same revision', () => {
    expect(ask({})).toMatchObject({ revision: 3, plan: { control: 'a', treatments: ['b'] } })
    const { definition } = ask({ status: 'running', coverage: 50_000 }).change
    expect(definition.experiments['x']).toMatchObject({ status: 'running', coverage: 100_000, revision: 3 })
  })

  it.each([
    [{ status: 'completed' }, /is completed/],
    [{ status: 'running' }, /runs at 1000000 ppm/],
    [{ force: 'a' }, /forced variant/],
    [{ variants: [variants[0], { key: 'b', weight: 0 }] }, /nothing to compare/],
  ])('is refused where it is %j', (more, says) => {
    expect(() => ask(more)).toThrow(says)
  })
})
