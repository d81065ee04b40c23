import { describe, expect, it } from 'vitest'
import { linkedOverrides } from './link.ts'

const linked = (parameters: [name: string, value: string][]) =>
  linkedOverrides(`?${new URLSearchParams(parameters)}`, {})

describe('a link', () => {
  it('sets variants, and flags as JSON or as text', () => {
    expect(
      linked([
        ['nunchi_experiment.cards', 'grid'],
        ['nunchi_flag.dark', 'true'],
        ['nunchi_flag.limit', '3'],
        ['nunchi_flag.banner', "Don't miss it: 눈치 & tea"],
        ['nunchi_flag.layout', '{"columns":[2,"wide"]}'],
      ]),
    ).toEqual({
      flags: { dark: true, limit: 3, banner: "Don't miss it: 눈치 & tea", layout: { columns: [2, 'wide'] } },
      experiments: { cards: 'grid' },
    })
  })

  it.each([
    '<img src=x onerror=alert(1)>',
    '"\\u003cimg src=x>"',
    '{"title":{"html":["<b>"]}}',
    '{"<b>":1}',
    'x" onclick="alert(1)',
    'javascript:alert(1)',
    '{"href":"JavaScript:alert(1)"}',
  ])('sets nothing that a page might take for markup or code: %s', (text) => {
    expect(linked([['nunchi_flag.banner', text]])).toBeUndefined()
    expect(linked([['nunchi_experiment.cards', text]])).toBeUndefined()
  })

  it('changes no prototype', () => {
    const overrides = linked([
      ['nunchi_flag.__proto__', '{"dark":true}'],
      ['nunchi_experiment.constructor', 'grid'],
    ])
    expect({ ...overrides?.flags }).not.toHaveProperty('dark')
    expect({}).not.toHaveProperty('dark')
    expect(Object.hasOwn(overrides?.experiments ?? {}, 'constructor')).toBe(true)
  })
})
