import type { ConfigDefinition, FlagDefinition } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { fromNothing } from '../../test/from-nothing.ts'
import * as change from './flags.ts'

const [deleteFlag, rampFlag] = [fromNothing(change.deleteFlag), fromNothing(change.rampFlag)]
const [setFlag, switchFlags] = [fromNothing(change.setFlag), fromNothing(change.switchFlags)]

const flag = (more: Partial<FlagDefinition> = {}): FlagDefinition => ({
  type: 'boolean',
  value: false,
  revision: 3,
  ...more,
})
const having = (flags: ConfigDefinition['flags']): ConfigDefinition => ({ flags, experiments: {} })
const tenth = flag({ rules: [{ id: 'some', value: true, rollout: { coverage: 100_000 } }] })

describe('a flag', () => {
  it('that is not there is neither deleted, ramped nor disabled: the answer names those that are', () => {
    const there = having({ checkout: flag() })
    for (const change of [deleteFlag('chekout'), rampFlag('chekout', 1), switchFlags('chekout', false)])
      expect(() => change(there)).toThrow(
        expect.objectContaining({ code: 'config_not_found', status: 404, fix: 'There are: checkout.' }),
      )
  })

  it('named like something that every object has is not there', () => {
    expect(() => deleteFlag('constructor')(having({}))).toThrow(/no flag "constructor"/)
    expect(setFlag('constructor', flag())(having({})).before).toBeNull()
  })

  it('begins at revision 1, and keeps its type', () => {
    const { definition, before, after, reason, subject } = setFlag('a', flag())(having({}))
    expect(definition.flags['a']).toMatchObject({ revision: 1 })
    expect({ before, after, reason, subject }).toEqual({
      before: null,
      after: flag({ revision: 1 }),
      reason: 'flag.create a',
      subject: 'flag/a',
    })
    expect(() => setFlag('a', flag({ type: 'string', value: 'x' }))(definition)).toThrow(/its type cannot/)
  })

  it.each([
    ['its value', { value: true }],
    ['a rule', { rules: [{ id: 'some', value: true, rollout: { coverage: 100_000, seed: 'other' } }] }],
    ['what it is when disabled', { off: true }],
  ])('counts a new revision when %s changes', (_what, more) => {
    expect(setFlag('a', { ...tenth, ...more })(having({ a: tenth })).definition.flags['a']).toMatchObject({
      revision: 4,
    })
  })

  it.each([
    ['more are let in', { rules: [{ id: 'some', value: true, rollout: { coverage: 500_000 } }] }],
    ['it is disabled', { enabled: false }],
    ['it is described', { description: 'The new checkout.' }],
  ])('keeps its revision when %s', (_what, more) => {
    expect(setFlag('a', { ...tenth, ...more })(having({ a: tenth })).definition.flags['a']).toMatchObject({
      revision: 3,
    })
  })
})

describe('disabling by pattern', () => {
  it('takes all that fit, and no other', () => {
    const all = having({ 'checkout-a': flag(), 'checkout-b': flag({ enabled: false }), other: flag() })
    const { definition, before, after } = switchFlags('checkout-*', false)(all)
    expect(Object.values(definition.flags).map(({ enabled }) => enabled)).toEqual([false, false, undefined])
    expect({ before, after }).toEqual({
      before: { 'checkout-a': true, 'checkout-b': false },
      after: { 'checkout-a': false, 'checkout-b': false },
    })
  })

  it('reads only the star as a pattern', () => {
    const all = having({ 'a.b': flag(), axb: flag(), 'a(b': flag() })
    expect(switchFlags('a.b', false)(all).after).toEqual({ 'a.b': false })
    expect(switchFlags('a(b', false)(all).after).toEqual({ 'a(b': false })
  })
})

describe('a ramp', () => {
  it('sets how many the rollout lets in, without a new revision', () => {
    const { definition, reason } = rampFlag('a', 500_000)(having({ a: tenth }))
    expect(definition.flags['a']).toEqual({
      ...tenth,
      rules: [{ id: 'some', value: true, rollout: { coverage: 500_000 } }],
    })
    expect(reason).toBe('flag.ramp a')
  })

  it('makes the rule of a boolean flag that has none', () => {
    expect(rampFlag('a', 100_000)(having({ a: flag() })).definition.flags['a']?.rules).toEqual([
      { id: 'ramp', value: true, rollout: { coverage: 100_000 } },
    ])
  })

  it('asks which rule is meant where several could be, and what to do where none is', () => {
    const two = flag({ rules: [...tenth.rules!, { id: 'more', value: true, rollout: {} }] })
    expect(() => rampFlag('a', 1)(having({ a: two }))).toThrow(/several rules with a rollout: some, more/)
    expect(rampFlag('a', 1, 'more')(having({ a: two })).definition.flags['a']?.rules?.[1]).toMatchObject({
      rollout: { coverage: 1 },
    })
    const text = flag({ type: 'string', value: '' })
    expect(() => rampFlag('a', 1)(having({ a: text }))).toThrow(/no rule with a rollout/)
    expect(() => rampFlag('a', 1, 'x')(having({ a: tenth }))).toThrow(/no rule with the id "x"/)
  })
})
