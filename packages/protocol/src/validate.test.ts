import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConfigDefinition, ExperimentDefinition, FlagDefinition } from './config.ts'
import { publish } from './publish.ts'
import { validate } from './validate.ts'

const flag: FlagDefinition = { type: 'boolean', value: false, revision: 1 }
const experiment: ExperimentDefinition = {
  name: 'Checkout',
  hypothesis: 'Fewer steps make more visitors finish, because they see the end.',
  status: 'running',
  revision: 1,
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'short', weight: 500_000, configuration: { steps: 1 } },
  ],
}
const some: ConfigDefinition = {
  flags: { a: { ...flag, rules: [{ id: 'r', value: true, roles: ['admin'] }] }, b: flag },
  experiments: { test: { ...experiment, holdouts: ['all'] } },
  holdouts: { all: { coverage: 50_000 } },
  groups: { staff: ['u1'] },
}
const withFlag = (more: object): object => ({ ...some, flags: { ...some.flags, a: { ...flag, ...more } } })
const withRule = (more: object): object => withFlag({ rules: [{ id: 'r', value: true, ...more }] })
const withTest = (more: object): object => ({ ...some, experiments: { test: { ...experiment, ...more } } })

describe('validate()', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no config', 5, '', /no config/],
    ['no flags', { experiments: {} }, 'flags', /missing/],
    ['a misspelt field', withFlag({ ruels: [] }), 'flags.a.ruels', /not known here/],
    ['a type that is none', withFlag({ type: 'bool' }), 'flags.a.type', /one of boolean/],
    ['a value of another type', withFlag({ value: 'on' }), 'flags.a.value', /must be a boolean/],
    [
      'a rule without outcome',
      withFlag({ rules: [{ id: 'r' }] }),
      'flags.a.rules.0',
      /either value or experiment/,
    ],
    [
      'two rules of one id',
      withFlag({
        rules: [
          { id: 'r', value: true },
          { id: 'r', value: false },
        ],
      }),
      'flags.a.rules.1.id',
      /another rule/,
    ],
    [
      'an unknown prerequisite',
      withRule({ prerequisites: [{ flag: 'zz' }] }),
      'flags.a.rules.0.prerequisites.0.flag',
      /"zz", which there is none of/,
    ],
    [
      'an unknown experiment',
      withRule({ value: undefined, experiment: 'zz' }),
      'flags.a.rules.0.experiment',
      /none of/,
    ],
    [
      'an unknown operator',
      withRule({ condition: { x: { $near: 1 } } }),
      'flags.a.rules.0.condition.x.$near',
      /no operator/,
    ],
    [
      'a bad pattern',
      withRule({ condition: { x: { $regex: '(' } } }),
      'flags.a.rules.0.condition.x.$regex',
      /regular expression/,
    ],
    [
      'a bare list',
      withRule({ condition: { $and: [{ x: [1] }] } }),
      'flags.a.rules.0.condition.$and.0.x',
      /is a list/,
    ],
    [
      'an operator that asks a list for text',
      withRule({ condition: { x: { $in: 'a' } } }),
      'flags.a.rules.0.condition.x.$in',
      /needs a list/,
    ],
    [
      'an unknown group',
      withRule({ condition: { x: { $inGroup: 'vip' } } }),
      'flags.a.rules.0.condition.x.$inGroup',
      /"vip"/,
    ],
    [
      'a schedule that ends first',
      withRule({ schedule: { start: 2, end: 1 } }),
      'flags.a.rules.0.schedule',
      /ends before/,
    ],
    [
      'a date as text',
      withRule({ schedule: { start: '2026-02-30' } }),
      'flags.a.rules.0.schedule.start',
      /no time/,
    ],
    [
      'a rollout in percent',
      withRule({ rollout: { coverage: 12.5 } }),
      'flags.a.rules.0.rollout.coverage',
      /parts of a million/,
    ],
    ['no hypothesis', withTest({ hypothesis: ' ' }), 'experiments.test.hypothesis', /what you believe/],
    [
      'weights that do not sum',
      withTest({
        variants: [
          { key: 'a', weight: 500_000, isControl: true },
          { key: 'b', weight: 400_000 },
        ],
      }),
      'experiments.test.variants',
      /sum to 900000/,
    ],
    [
      'no control',
      withTest({
        variants: [
          { key: 'a', weight: 500_000 },
          { key: 'b', weight: 500_000 },
        ],
      }),
      'experiments.test.variants',
      /no control/,
    ],
    [
      'two variants of one key',
      withTest({
        variants: [
          { key: 'a', weight: 500_000, isControl: true },
          { key: 'a', weight: 500_000 },
        ],
      }),
      'experiments.test.variants.1.key',
      /another variant/,
    ],
    [
      'one variant',
      withTest({ variants: [{ key: 'a', weight: 1_000_000, isControl: true }] }),
      'experiments.test.variants',
      /fewer than two/,
    ],
    ['an unknown holdout', withTest({ holdouts: ['zz'] }), 'experiments.test.holdouts.0', /"zz"/],
    ['an unknown winner', withTest({ status: 'completed', winner: 'zz' }), 'experiments.test.winner', /"zz"/],
    [
      'a hash version of tomorrow',
      withTest({ hashVersion: 4 }),
      'experiments.test.hashVersion',
      /one of 1, 2, 3/,
    ],
    ['a level in percent', withTest({ confidenceLevel: 95 }), 'experiments.test.confidenceLevel', /0\.95/],
    ['a test of no kind', withTest({ testing: 'bayes' }), 'experiments.test.testing', /always valid/],
    [
      'a fixed test without an end',
      withTest({ testing: 'fixed' }),
      'experiments.test.testing',
      /targetSampleSize/,
    ],
    [
      'a bad address',
      withTest({ urls: [{ type: 'regex', pattern: '(' }] }),
      'experiments.test.urls.0',
      /no pattern/,
    ],
    ['half of a character', withTest({ seed: '\ud800' }), 'experiments.test.seed', /surrogate/],
    [
      'a cycle',
      {
        ...some,
        flags: {
          a: { ...flag, rules: [{ id: 'r', value: true, prerequisites: [{ flag: 'b' }] }] },
          b: { ...flag, rules: [{ id: 'r', value: true, prerequisites: [{ flag: 'a' }] }] },
        },
      },
      'flags.a',
      /a → b → a/,
    ],
    [
      'namespaces that overlap',
      {
        ...some,
        experiments: {
          one: { ...experiment, namespaces: [{ name: 'n', ranges: [[0, 500_001]] }] },
          two: { ...experiment, namespaces: [{ name: 'n', ranges: [[500_000, 1_000_000]] }] },
        },
      },
      'experiments.two.namespaces.0.ranges',
      /overlaps with that of one/,
    ],
  ])('names %s by its path', (_, config, path, message) => {
    const mistakes = validate(config)
    expect(mistakes).toContainEqual({ path, message: expect.stringMatching(message) })
    for (const mistake of mistakes) expect(mistake.message).toMatch(/\.$/)
  })

  it('finds nothing to say about a good one, nor about what is published of it', () => {
    expect(validate(some)).toEqual([])
    expect(validate(publish(some))).toEqual([])
  })

  /** What JSON can bring, and nothing can compare or write. */
  const odd = { toString: 1, valueOf: 1 }

  it.each<[string, object, string]>([
    ['a range', withTest({ namespaces: [{ name: 'n', ranges: [[odd, odd]] }] }), 'namespaces.0.ranges.0.0'],
    ['a weight', withTest({ variants: [{ key: 'a', weight: odd }] }), 'variants.0.weight'],
    ['a schedule', withTest({ schedule: { start: odd, end: odd } }), 'schedule.start'],
    ['a namespace', withTest({ namespaces: [{ name: odd, ranges: [] }] }), 'namespaces.0.name'],
    ['a prerequisite', withTest({ prerequisites: [{ flag: odd }] }), 'prerequisites.0.flag'],
    ['an experiment', withRule({ value: undefined, experiment: odd }), 'rules.0.experiment'],
    ['a flag to wait for', withRule({ prerequisites: [{ flag: odd }] }), 'rules.0.prerequisites.0.flag'],
  ])('names %s that cannot be made a text or number', (_, definition, path) => {
    expect(validate(definition).map((mistake) => mistake.path)).toContainEqual(
      expect.stringMatching(new RegExp(`\\.${path}$`)),
    )
  })

  it.each(['flags', 'experiments', 'holdouts', 'groups'])('takes no %s of the key __proto__', (kind) => {
    const definition = {
      ...some,
      [kind]: JSON.parse(`{ "__proto__": ${JSON.stringify(some.groups?.['staff'])} }`),
    }
    expect(validate(definition)).toContainEqual({
      path: `${kind}.__proto__`,
      message: expect.stringContaining('Choose another key'),
    })
  })

  it.each(['toString', 'constructor', 'hasOwnProperty', '__proto__', 'valueOf'])(
    'knows no operator "%s", which every object has from elsewhere',
    (operator) => {
      const condition = { country: JSON.parse(`{ "${operator}": 1 }`) }
      expect(validate(withRule({ condition }))).toEqual([
        {
          path: `flags.a.rules.0.condition.country.${operator}`,
          message: expect.stringContaining('is no operator'),
        },
      ])
    },
  )

  it('takes anything, and never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => Array.isArray(validate(value))))
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (one, other) =>
        Array.isArray(validate({ flags: { a: one }, experiments: { b: other } })),
      ),
    )
    const nested = fc.dictionary(
      fc.constantFrom('rules', 'variants', 'condition', 'namespaces', 'prerequisites', 'schedule', 'urls'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(nested, nested, (one, other) =>
        Array.isArray(validate({ flags: { a: one }, experiments: { b: other } })),
      ),
    )
  })
})

describe('publish()', () => {
  it('leaves plans and people behind, and writes roles, groups and holdouts out', () => {
    const { version, ...config } = publish({
      ...some,
      flags: {
        a: {
          ...flag,
          createdBy: 'me',
          rules: [{ id: 'r', value: true, roles: ['admin'], condition: { id: { $inGroup: 'staff' } } }],
        },
      },
    })
    expect(version).toMatch(/^[\da-f]{32}$/)
    expect(config).toEqual({
      flags: {
        a: {
          ...flag,
          rules: [
            {
              id: 'r',
              value: true,
              condition: { $and: [{ roles: { $in: ['admin'] } }, { id: { $in: ['u1'] } }] },
            },
          ],
        },
      },
      experiments: {
        test: {
          status: 'running',
          revision: 1,
          variants: experiment.variants,
          namespaces: [
            {
              name: 'all',
              holdout: true,
              attribute: 'anonymousId',
              seed: 'holdout:all',
              hashVersion: 3,
              ranges: [[50_000, 1_000_000]],
            },
          ],
        },
      },
    })
  })

  it('does not tell of drafts, nor of rules that name them', () => {
    const config = publish({
      flags: { a: { ...flag, rules: [{ id: 'r', experiment: 'test' }] } },
      experiments: { test: { ...experiment, status: 'draft' } },
    })
    expect(config.experiments).toEqual({})
    expect(config.flags['a']?.rules).toEqual([])
  })

  it('gives one version to one content, whatever the order of its keys', () => {
    const { flags, experiments } = some
    expect(publish({ flags: { a: flags['a']!, b: flags['b']! }, experiments }).version).toBe(
      publish({ experiments, flags: { b: flags['b']!, a: flags['a']! } }).version,
    )
    expect(publish({ flags: {}, experiments }).version).not.toBe(publish({ flags, experiments }).version)
  })
})
