/** Writes the vectors anew: node packages/protocol/vectors/generate.ts */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Experiment } from '../src/config.ts'
import type { Json, JsonObject } from '../src/event.ts'
import { flagVectors } from './flags.ts'
import { conditionRows, none, operatorRows } from './operators.ts'
import { referenceArm, referenceBucket } from './reference.ts'

const inSql = [
  '=',
  '$eq',
  '$ne',
  '$in',
  '$nin',
  '$exists',
  '$not',
  '$lt',
  '$lte',
  '$gt',
  '$gte',
  '$and',
  '$or',
  'path',
]

const conditions = [
  ...Object.entries(operatorRows).flatMap(([operator, rows]) =>
    rows.map(([operand, value, answer]) => ({
      operator,
      condition: { x: operator === '=' ? operand : { [operator]: operand } },
      attributes: value === none ? {} : { x: value },
      answer,
      sql: inSql.includes(operator),
    })),
  ),
  ...Object.entries(conditionRows).flatMap(([operator, rows]) =>
    rows.map(([condition, attributes, answer]) => ({
      operator,
      condition,
      attributes,
      answer,
      sql: inSql.includes(operator),
    })),
  ),
]

/** Korean in both normal forms, emoji with joiners and skin tones, combining marks, halves of pairs. */
const scripts = [
  '사용자',
  '사용자'.normalize('NFD'),
  '👩‍👩‍👧‍👦',
  '👍🏽',
  'é',
  'e\u0301',
  'ạ̈',
  '日本',
  '\ud83d',
  '\udc4d',
  'a\ud800b',
  '\udfff\ud800',
  '𝄞',
  'ﷺ',
  '\u200d',
  '🇰🇷',
  'ñ',
  'Ω',
  '\ufffd',
  '한\u3164글',
]
const foreign = Array.from({ length: 120 }, (_, i) => `${scripts[i % scripts.length]}${i < 20 ? '' : i}`)
const plain = [
  'a',
  'ab',
  'abc',
  'abcd',
  'abcde',
  'user-1',
  'user-2',
  '00000000-0000-4000-8000-000000000000',
  'x'.repeat(255),
  ' ',
]

const hashes = [3, 2, 1].flatMap((version) =>
  [...plain, ...foreign].flatMap((value, i) => {
    const seed = i % 3 === 0 ? 'checkout' : i % 3 === 1 ? `실험-${i}` : scripts[i % scripts.length]!
    return [{ version, seed, value, bucket: referenceBucket(version, seed, value), sql: true }]
  }),
)

const twenty = <Made>(make: (i: number) => Made): Made[] => Array.from({ length: 20 }, (_, i) => make(i))
const unitAt = (i: number): string => (i % 4 === 3 ? foreign[i]! : `visitor-${i}`)
const keys = ['control', 'blue', 'green', 'red']
const arms = (weights: number[]): Experiment['variants'] =>
  weights.map((weight, i) => ({ key: keys[i]!, weight, ...(i === 0 ? { isControl: true } : {}) }))

interface ExperimentVector {
  kind: string
  key: string
  experiment: Experiment
  attributes: JsonObject
  now?: number
  expected: { variant: string; reason: string; inExperiment: boolean; bucket: number | null }
  sql: boolean
}

/** An experiment on one unit: what decides is given, what follows is computed from the definition. */
function vector(
  kind: string,
  i: number,
  more: Partial<Experiment>,
  expected?: { variant: string; reason: string } | { reason: string },
  attributes: JsonObject = { anonymousId: unitAt(i) },
): ExperimentVector {
  const key = `test-${i % 5}`
  const weights = [
    [500_000, 500_000],
    [333_333, 333_333, 333_334],
    [100_000, 900_000],
    [1, 1, 1, 1],
  ][i % 4]!
  const experiment: Experiment = { status: 'running', revision: 1, variants: arms(weights), ...more }
  const unit = String(
    attributes[experiment.attribute ?? 'anonymousId'] ?? attributes[experiment.fallback ?? ''] ?? '',
  )
  const bucket = referenceBucket(experiment.hashVersion ?? 3, experiment.seed ?? key, unit)
  const given = experiment.variants.map(({ weight }) => weight)
  const arm = experiment.ranges
    ? experiment.ranges.findIndex(([start, end]) => bucket >= start && bucket < end)
    : referenceArm(bucket, given, experiment.coverage)
  const computed = arm < 0 ? { reason: 'coverage' } : { variant: keys[arm]!, reason: 'split' }
  const { variant, reason } = { variant: undefined, ...(expected ?? computed) }
  return {
    kind,
    key,
    experiment,
    attributes,
    expected: {
      variant: variant ?? 'control',
      reason,
      inExperiment: variant !== undefined,
      bucket: reason === 'split' || reason === 'coverage' ? bucket : null,
    },
    sql: true,
  }
}

const share = (version: 1 | 2 | 3, seed: string, unit: string, [start, end]: [number, number]): boolean => {
  const bucket = referenceBucket(version, seed, unit)
  return bucket >= start && bucket < end
}

const experiments: ExperimentVector[] = [
  ...twenty((i) => vector('weights', i, {})),
  ...twenty((i) => vector('coverage', i, { coverage: [0, 100_000, 500_000, 999_999][i % 4]! })),
  ...twenty((i) =>
    vector('ranges', i, {
      ranges: [
        [0, 250_000],
        [500_000, 900_000],
      ],
      variants: arms([1, 1]),
    }),
  ),
  ...twenty((i) => vector('hash version 1', i, { hashVersion: 1 })),
  ...twenty((i) => vector('hash version 2', i, { hashVersion: 2, seed: `seed-${i}` })),
  ...twenty((i) => vector('seed', i, { seed: ['씨앗', 'seed', '🌱'][i % 3]! })),
  ...twenty((i) =>
    vector('attribute', i, { attribute: 'userId' }, undefined, { userId: i % 2 ? i + 1 : `u${i}` }),
  ),
  ...twenty((i) => vector('fallback', i, { attribute: 'userId', fallback: 'anonymousId' })),
  ...twenty((i) =>
    vector(
      'no unit',
      i,
      {},
      { reason: 'no_unit' },
      [{}, { anonymousId: '' }, { anonymousId: 0 }, { anonymousId: null }, { anonymousId: ['a'] }][
        i % 5
      ]! as JsonObject,
    ),
  ),
  ...twenty((i) => {
    const range: [number, number] = i % 2 ? [0, 500_000] : [500_000, 1_000_000]
    const version = ([3, 2, 1] as const)[i % 3]!
    const namespaces = [{ name: '결제', ranges: [range], hashVersion: version }]
    return vector(
      'namespace',
      i,
      { namespaces },
      share(version, '__결제', unitAt(i), range) ? undefined : { reason: 'namespace' },
    )
  }),
  ...twenty((i) => {
    const range: [number, number] = [300_000, 1_000_000]
    const namespaces = [
      { name: 'all', holdout: true, seed: 'holdout:all', attribute: 'anonymousId', ranges: [range] },
    ]
    return vector(
      'holdout',
      i,
      { namespaces },
      share(3, 'holdout:all', unitAt(i), range) ? undefined : { reason: 'holdout' },
    )
  }),
  ...twenty((i) => {
    const country = ['KR', 'US', '대한민국'][i % 3]!
    const attributes = { anonymousId: unitAt(i), country, age: i * 3 }
    const passes = country !== 'US' && i * 3 >= 18
    const condition = { country: { $in: ['KR', '대한민국'] }, age: { $gte: 18 } }
    return vector('condition', i, { condition }, passes ? undefined : { reason: 'condition' }, attributes)
  }),
  ...twenty((i) => {
    const schedule = [{ start: 1000 }, { end: 1000 }, { start: 500, end: 1000 }, { start: 1000, end: 2000 }][
      i % 4
    ]!
    const now = [999, 1000, 1500, 499, 2000][i % 5]!
    const within = now >= (schedule.start ?? 0) && now < (schedule.end ?? 1e9)
    return { ...vector('schedule', i, { schedule }, within ? undefined : { reason: 'schedule' }), now }
  }),
  ...twenty((i) =>
    vector('forced', i, { forced: { [unitAt(i)]: 'blue' } }, { variant: 'blue', reason: 'forced' }),
  ),
  ...twenty((i) => {
    const status = (['draft', 'paused', 'completed', 'completed'] as const)[i % 4]!
    const winner = i % 4 === 3 ? { winner: 'blue' } : {}
    return vector(
      'status',
      i,
      { status, ...winner },
      i % 4 === 3 ? { variant: 'blue', reason: 'winner' } : { reason: status },
    )
  }),
]

const write = (name: string, vectors: object[]): void =>
  writeFileSync(
    join(import.meta.dirname, `${name}.json`),
    `[\n${vectors.map((one) => JSON.stringify(one as Json)).join(',\n')}\n]\n`,
  )
write('conditions', conditions)
write('hashes', hashes)
write('experiments', experiments)
write('flags', flagVectors({ twenty, unitAt }))
