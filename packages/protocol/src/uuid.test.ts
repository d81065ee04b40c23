import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEventId, uuidTime, uuidv7 } from './uuid.ts'

describe('uuidv7', () => {
  it('keeps ascending when the clock steps back, and within one millisecond', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 2, maxLength: 200 }),
        (clock) => {
          let i = 0
          const next = uuidv7(() => clock[i++]!)
          const ids = clock.map(() => next())
          expect([...ids].sort()).toEqual(ids)
          expect(new Set(ids).size).toBe(ids.length)
        },
      ),
    )
  })

  it('gives a million distinct ids in one frozen millisecond, none out of order', () => {
    const next = uuidv7(() => 1_700_000_000_000)
    let last = ''
    for (let i = 0; i < 1_000_000; i++) {
      const id = next()
      if (id <= last) expect(id > last).toBe(true)
      last = id
    }
  })

  it('carries its time', () => {
    expect(uuidTime(uuidv7(() => 1_732_000_000_123)())).toBe(1_732_000_000_123)
  })
})

describe('isEventId', () => {
  it.each([
    ['', false],
    ['0193a5b0-0000-4000-8000-000000000000', false],
    ['0193a5b0-0000-7000-c000-000000000000', false],
    ['0193a5b0-0000-7000-8000-000000000000\n', false],
    ['0193a5b0-0000-7000-8000-000000000000', true],
    ['0193A5B0-0000-8000-8000-00000000000F', true],
  ])('%j → %s', (id, expected) => {
    expect(isEventId(id)).toBe(expected)
    expect(uuidTime(id) !== undefined).toBe(expected)
  })
})
