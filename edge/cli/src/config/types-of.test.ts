/** What `nunchi types` writes: a misspelt flag, and a value of the wrong type, do not compile. */
import type { ConfigDefinition } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { compileExamples } from '../../../../scripts/guards/doc-examples.ts'
import { typesOf } from './types-of.ts'

const variants = [
  { key: 'control', weight: 500_000, isControl: true, configuration: 'plain' },
  { key: "first'n", weight: 500_000, configuration: 'loud "one"' },
]
const definition: ConfigDefinition = {
  flags: {
    checkout: { type: 'boolean', value: false, revision: 1, description: 'The new */ checkout.\nTwo lines.' },
    limit: { type: 'number', value: 3, revision: 1 },
    'button-text': {
      type: 'string',
      value: 'Buy',
      off: 'Order',
      revision: 1,
      rules: [
        { id: 'a', value: '사기\n`${"' },
        { id: 'b', experiment: 'price' },
      ],
    },
    layout: {
      type: 'json',
      value: { columns: 2, names: ['a'], nested: { on: true }, none: null, 'a-b': [] },
      revision: 1,
    },
    __proto: { type: 'boolean', value: true, revision: 1 },
  },
  experiments: {
    price: { name: 'Price', hypothesis: 'It sells more.', status: 'running', revision: 1, variants },
  },
}

const use = (code: string) =>
  `import type { Experiments, Flags } from 'nunchi'\ndeclare function flag<Key extends keyof Flags>(key: Key, fallback: Flags[Key]): Flags[Key]\ndeclare function variant<Key extends keyof Experiments>(key: Key): Experiments[Key]\n${code}`

function compile(...codes: string[]): string[] {
  const examples = [typesOf(definition), ...codes.map(use)].map((code) => ({ path: 'a', line: 1, code }))
  return compileExamples(examples, 'types-of')
}

describe('the types of a config', () => {
  it('compile, and let through what is there', () => {
    expect(
      compile(`
        export const on: boolean = flag('checkout', false)
        export const many: number = flag('limit', 5)
        export const text: 'Buy' | 'Order' | '사기\\n\`\${"' | 'plain' | 'loud "one"' = flag('button-text', 'Buy')
        export const first: boolean = flag('layout', { columns: 1, names: [], nested: { on: true }, none: null, 'a-b': [] }).nested.on
        export const arm: 'control' | "first'n" = variant('price')`),
    ).toEqual([])
  })

  it.each([
    ['a misspelt flag', `flag('chekout', false)`, /'"chekout"'/],
    ['a value of the wrong type', `flag('checkout', 'yes')`, /'string'/],
    ['a text that the flag never is', `flag('button-text', 'Sell')`, /'"Sell"'/],
    ['a comparison with a misspelt variant', `variant('price') === 'frist'`, /no overlap/],
    ['a misspelt experiment', `variant('prise')`, /'"prise"'/],
  ])('do not let through %s', (_what, code, said) => {
    const errors = compile(code)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(said)
  })

  it('are the same for the same config, in whatever order it was stored', () => {
    const { flags, experiments } = definition
    const turned = Object.fromEntries(Object.entries(flags).toReversed())
    expect(typesOf({ flags: turned, experiments })).toBe(typesOf(definition))
    expect(typesOf({ flags: {}, experiments: {} })).toContain('interface Flags {\n  }')
  })
})
