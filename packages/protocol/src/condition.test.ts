import { afterEach, describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import type { Condition, Config, Rule } from './config.ts'
import { evaluateFlag } from './evaluate.ts'
import type { Json, JsonObject } from './event.ts'
import { fullEvaluator } from './full-evaluator.ts'

/** A flag that is on for whoever meets the condition. */
const configOf = (rule: Partial<Rule>): Config => ({
  version: 'v',
  flags: {
    test: { type: 'boolean', value: false, revision: 1, rules: [{ id: 'one', value: true, ...rule }] },
  },
  experiments: {},
})
const on = (condition: Condition, attributes: JsonObject): Json =>
  evaluateFlag(compile(configOf({ condition }), fullEvaluator), 'test', attributes).value

describe('on a page whose scripts write into Object.prototype', () => {
  const everywhere = Object.prototype as unknown as Record<string, unknown>
  afterEach(() => {
    for (const name of ['extend', 'country']) delete everywhere[name]
  })

  it('a config is compiled as elsewhere, and nothing of it is passed over', () => {
    everywhere['extend'] = () => {}
    const compiled = compile(configOf({ condition: { country: 'KR' } }), fullEvaluator)
    expect(compiled.unsupported).toEqual([])
    expect(evaluateFlag(compiled, 'test', { country: 'KR' }).value).toBe(true)
    expect(evaluateFlag(compiled, 'other', {}).reason).toBe('unknown')
  })

  it('no attribute is read from there', () => {
    everywhere['country'] = 'KR'
    expect(on({ country: 'KR' }, {})).toBe(false)
  })
})

describe('a condition', () => {
  it('knows an attribute called __proto__ only where there is one', () => {
    expect(on({ ['__proto__']: { $exists: true } }, {})).toBe(false)
    expect(on({ 'o.__proto__': { $exists: true } }, { o: {} })).toBe(false)
    expect(on({ ['__proto__']: 'x' }, JSON.parse('{ "__proto__": "x" }'))).toBe(true)
  })

  it('does not hold, and does not throw, for a value that JavaScript cannot compare', () => {
    const value = { toString: 1, valueOf: 1 }
    const operands = { $lt: 5, $gte: 5, $is: '5', $regex: '5', $vgte: '5', $alli: ['a'], $not: { $lt: 5 } }
    for (const [operator, operand] of Object.entries(operands) as [string, Json][]) {
      const asked = (x: Json) => on({ x: { [operator]: operand } }, { x })
      expect([asked(value), asked([value])], operator).toEqual([false, false])
    }
  })

  it('takes a version of any length, and ends: what follows a + is build metadata to its last character', () => {
    const hostile = `1.0.0${'+'.repeat(1_000_000)}\n`
    expect(on({ version: { $vgte: '2.0.0' } }, { version: hostile })).toBe(false)
    expect(on({ version: { $veq: '1.0.0' } }, { version: hostile })).toBe(true)
  })

  it('tries patterns on 2,048 characters at most: a longer text does not match', () => {
    const text = (length: number): string => `${'a'.repeat(length - 1)}b`
    expect(on({ url: { $regex: 'b$' } }, { url: text(2_048) })).toBe(true)
    expect(on({ url: { $regex: 'b$' } }, { url: text(2_049) })).toBe(false)
    expect(on({ url: { $regexi: 'B$' } }, { url: [text(3_000)] })).toBe(false)
  })
})
