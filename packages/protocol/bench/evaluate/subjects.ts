/** One 50/50 experiment with two conditions, in nunchi and in each peer, ready to be evaluated. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compile } from '../../src/compile.ts'
import type { Config } from '../../src/config.ts'
import { evaluateExperiment } from '../../src/evaluate.ts'
import { murmur3 } from '../../src/hash.ts'

/** A visitor, who meets both conditions. */
export interface Visitor {
  id: string
  country: string
  age: number
}

/** Something that is measured: evaluates one visitor, and says what came out. */
export interface Subject {
  name: string
  evaluate(visitor: Visitor): string | Promise<string>
}

const key = 'checkout'
const peer = createRequire(join(import.meta.dirname, '../package.json'))

/** Only the hash of the string that we hash. */
export const hashAlone: Subject = {
  name: 'hashing the string alone',
  evaluate: ({ id }) => (murmur3(`${key}:${id}`) & 1 ? 'blue' : 'control'),
}

/** nunchi: evaluation with its full result. */
export function nunchi(): Subject {
  const config: Config = {
    version: 'bench',
    flags: {},
    experiments: {
      [key]: {
        status: 'running',
        revision: 1,
        attribute: 'id',
        condition: { country: { $in: ['KR', 'JP'] }, age: { $gte: 18 } },
        variants: [
          { key: 'control', weight: 500_000, isControl: true },
          { key: 'blue', weight: 500_000 },
        ],
      },
    },
  }
  const compiled = compile(config)
  return {
    name: 'nunchi',
    evaluate: (visitor) => evaluateExperiment(compiled, key, visitor as never).variant,
  }
}

/** GrowthBook's client for many users, without a tracking callback. */
export function growthbook(): Subject {
  const { GrowthBookClient } = peer('@growthbook/growthbook')
  const client = new GrowthBookClient().initSync({
    payload: {
      features: {
        [key]: {
          defaultValue: 'control',
          rules: [
            {
              key,
              hashVersion: 2,
              variations: ['control', 'blue'],
              weights: [0.5, 0.5],
              coverage: 1,
              condition: { country: { $in: ['KR', 'JP'] }, age: { $gte: 18 } },
            },
          ],
        },
      },
    },
  })
  return {
    name: 'GrowthBook',
    evaluate: (visitor) => client.evalFeature(key, { attributes: visitor }).value,
  }
}

/** Statsig on device, with its logging off and its memory of evaluations as it comes. */
export function statsig(): Subject {
  const { StatsigOnDeviceEvalClient } = peer('@statsig/js-on-device-eval-client')
  const user = (field: string, operator: string, targetValue: unknown): object => ({
    type: 'user_field',
    field,
    operator,
    targetValue,
    additionalValues: {},
    idType: 'userID',
  })
  const targeted = [user('country', 'any', ['KR', 'JP']), user('age', 'gte', 18)]
  const half = {
    type: 'user_bucket',
    field: null,
    operator: 'lt',
    targetValue: 500,
    additionalValues: { salt: key },
    idType: 'userID',
  }
  const rule = (id: string, conditions: object[]): object => ({
    name: id,
    groupName: id,
    id,
    salt: id,
    passPercentage: 100,
    idType: 'userID',
    returnValue: { variant: id },
    conditions,
    isExperimentGroup: true,
  })
  const spec = {
    name: key,
    type: 'dynamic_config',
    salt: key,
    enabled: true,
    defaultValue: { variant: 'control' },
    idType: 'userID',
    entity: 'experiment',
    rules: [rule('control', [...targeted, half]), rule('blue', targeted)],
  }
  const client = new StatsigOnDeviceEvalClient('client-key', { disableLogging: true, disableStorage: true })
  client.dataAdapter.setData(
    JSON.stringify({
      has_updates: true,
      time: 1,
      feature_gates: [],
      dynamic_configs: [spec],
      layer_configs: [],
    }),
  )
  client.initializeSync()
  return {
    name: 'Statsig on device',
    evaluate: ({ id, country, age }) =>
      client.getExperiment(key, { userID: id, country, custom: { age } }, { disableExposureLog: true }).value
        .variant ?? 'control',
  }
}

/** Eppo's common client on a store in memory, without an assignment logger. */
export async function eppo(): Promise<Subject> {
  const { EppoClient, MemoryOnlyConfigurationStore } = peer('@eppo/js-client-sdk-common')
  const store = new MemoryOnlyConfigurationStore()
  const totalShards = 10_000
  const split = (variationKey: string, start: number, end: number): object => ({
    variationKey,
    shards: [{ salt: key, ranges: [{ start, end }] }],
  })
  await store.setEntries({
    [key]: {
      key,
      enabled: true,
      variationType: 'STRING',
      variations: { control: { key: 'control', value: 'control' }, blue: { key: 'blue', value: 'blue' } },
      allocations: [
        {
          key: 'all',
          rules: [
            {
              conditions: [
                { attribute: 'country', operator: 'ONE_OF', value: ['KR', 'JP'] },
                { attribute: 'age', operator: 'GTE', value: 18 },
              ],
            },
          ],
          splits: [split('control', 0, 5000), split('blue', 5000, totalShards)],
          doLog: false,
        },
      ],
      totalShards,
    },
  })
  const client = new EppoClient({ flagConfigurationStore: store })
  return {
    name: 'Eppo',
    evaluate: ({ id, country, age }) => client.getStringAssignment(key, id, { country, age }, 'control'),
  }
}

/** OpenFeature's provider in memory, which has conditions as a function and no bucketing of its own. */
export async function openFeature(): Promise<Subject> {
  const { InMemoryProvider, OpenFeature } = peer('@openfeature/server-sdk')
  const provider = new InMemoryProvider({
    [key]: {
      variants: { control: 'control', blue: 'blue' },
      defaultVariant: 'control',
      disabled: false,
      contextEvaluator: ({ country, age }: Visitor) =>
        ['KR', 'JP'].includes(country) && age >= 18 ? 'blue' : 'control',
    },
  })
  await OpenFeature.setProviderAndWait(provider)
  const client = OpenFeature.getClient()
  return {
    name: 'OpenFeature in memory (no bucketing)',
    evaluate: (visitor) => client.getStringValue(key, 'control', visitor),
  }
}
