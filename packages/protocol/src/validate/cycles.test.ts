import { describe, expect, it } from 'vitest'
import { checkCycles } from './cycles.ts'
import type { Members } from './report.ts'

const after = (...flags: unknown[]) => ({ rules: [{ prerequisites: flags.map((flag) => ({ flag })) }] })
function mistakesOf(flags: Members, experiments: Members = {}): string[] {
  const said: string[] = []
  checkCycles((path, message) => said.push(`${path} ${message}`), flags, experiments)
  return said
}
const chain = (length: number) =>
  Object.fromEntries(
    Array.from({ length }, (_, i) => [`f${i}`, after(...(i + 1 < length ? [`f${i + 1}`] : []))]),
  )

describe('flags that wait for others', () => {
  it('in a circle are told the whole of it, once', () => {
    expect(mistakesOf({ a: after('b'), b: after('c', 'd'), c: after('a'), d: {} })).toEqual([
      'flags.a waits for itself: a → b → c → a. Take one of these prerequisites away.',
    ])
    expect(mistakesOf({ a: after('a') })).toHaveLength(1)
  })

  it('through an experiment are in a circle too', () => {
    const flags = { a: { rules: [{ experiment: 'price' }] } }
    expect(mistakesOf(flags, { price: { prerequisites: [{ flag: 'a' }] } })).toHaveLength(1)
  })

  it('by several ways are no circle', () => {
    expect(mistakesOf({ a: after('b', 'c'), b: after('d'), c: after('d'), d: {} })).toEqual([])
  })

  it('are a hundred at most, one after the other', () => {
    expect(mistakesOf(chain(101))).toEqual([])
    expect(mistakesOf(chain(103))).toEqual([
      'flags.f1 waits for a chain of more than 100 flags. Make it shorter.',
    ])
    expect(mistakesOf(chain(50_000))).toHaveLength(1)
  })

  it('by so many ways that asking for one would hold a page up are told, once', () => {
    const ladder = (steps: number, ...names: string[]) =>
      Object.fromEntries(
        Array.from({ length: steps }, (_, i) => [`f${i}`, after(...names.map((name) => `${name}${i + 1}`))]),
      )
    expect(mistakesOf(ladder(14, 'f', 'f'))).toEqual([])
    expect(mistakesOf(ladder(40, 'f', 'f'))).toEqual([
      'flags.f23 waits for others on more than 100000 ways, each of which is evaluated. Let fewer rules wait for flags that wait themselves.',
    ])
    expect(mistakesOf({ ...ladder(40, 'f'), ...ladder(100, 'f', 'f', 'f') })).toHaveLength(1)
  })

  it('named like something that every object has, or no text, are no flags', () => {
    expect(mistakesOf({ a: after('constructor', '__proto__', null, 7) }, {})).toEqual([])
  })
})
