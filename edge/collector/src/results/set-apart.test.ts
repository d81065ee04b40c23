/** Events without a number: a few are set apart and told, more take the metric away; nobody's single text does. */
import { describe, expect, it } from 'vitest'
import { setApart, unreadable } from './set-apart.ts'

const arms = [
  { variant: 'control', units: 10_000 },
  { variant: 'first', units: 5000 },
]
const faults = (byVariant: { [variant: string]: number }) => ({
  events: Object.values(byVariant).reduce((sum, one) => sum + one, 0),
  example: 'free',
  byVariant,
})

describe('events without a number', () => {
  it('are tolerated up to a thousandth of each variant that is compared', () => {
    expect(unreadable({ events: 0, example: null }, arms)).toBe(false)
    expect(unreadable(faults({ control: 10, first: 5 }), arms)).toBe(false)
    expect(unreadable(faults({ control: 11 }), arms)).toBe(true)
    expect(unreadable(faults({ first: 6 }), arms)).toBe(true)
    expect(unreadable(faults({ control: 1 }), [{ variant: 'control', units: 999 }])).toBe(true)
    expect(unreadable(faults({ control: 1 }), [{ variant: 'control', units: 0 }])).toBe(true)
  })

  it('take nothing away where they are of a variant that the revision does not have', () => {
    expect(unreadable(faults({ forged: 500 }), arms)).toBe(false)
  })

  it('are too many where nobody tells whose they are', () => {
    expect(unreadable({ events: 1, example: 'free' }, arms)).toBe(true)
  })

  it('are told with their number, their variants and one of the texts, in both languages', () => {
    expect(setApart({ events: 0, example: null })).toBeUndefined()
    const said = setApart(faults({ control: 2, first: 1 }))!
    expect(said).toMatchObject({ code: 'not-a-number', events: 3, example: 'free' })
    for (const text of [said.reason.en, said.reason.ko]) expect(text).toMatch(/3.*control 2, first 1.*"free"/)
    expect(setApart(faults({ first: 1 }))!.reason.en).toMatch(/^1 event is in no figure/)
  })
})
