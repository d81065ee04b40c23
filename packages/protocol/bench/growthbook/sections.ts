/** How each section of GrowthBook's cases is asked of our evaluator. */
import { isDeepStrictEqual } from 'node:util'
import { findRange } from '../../src/bucket.ts'
import { compile } from '../../src/compile.ts'
import { evaluateExperiment } from '../../src/evaluate.ts'
import type { Json, JsonObject } from '../../src/event.ts'
import { fromGrowthBook, growthBookShares } from '../../src/from-growthbook.ts'
import { fullEvaluator } from '../../src/full-evaluator.ts'
import type { SavedGroups } from '../../src/growthbook-payload.ts'
import { type GrowthBookContext, runFeature, runRedirects, runRule, runSticky } from './sdk.ts'

/** One case: its arguments, as the file has them. */
export type Case = Json[]

/** Sections about what is not converted. */
export const notOurs: string[] = ['contextualBandit', 'decrypt']

/** What we answer to a case, and what is expected. */
type Section = (one: Case) => { actual: unknown; expected: unknown }

const rounded = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(rounded) : Math.floor((value as number) * 1e8) / 1e8

/** In parts of a million, for cases that name buckets which are none of 1000 or 10,000. */
const million = (share: number): number => Math.ceil(share * 1e6 - 1e-6)

/** One experiment and what an evaluation of it says. */
function once(rule: object, attributes: JsonObject, url?: string) {
  const config = fromGrowthBook({ features: { flag: { rules: [rule] } } })
  const [key = ''] = Object.keys(config.experiments)
  return evaluateExperiment(compile(config, fullEvaluator), key, attributes, url ? { url } : {})
}

/** Every section that counts, by its name in the file. */
export const sections: { [name: string]: Section } = {
  evalCondition: ([, condition, attributes, expected, savedGroups]) => {
    const payload = {
      features: {
        flag: { defaultValue: false, rules: [{ force: true, condition: condition as JsonObject }] },
      },
      savedGroups: (savedGroups ?? {}) as SavedGroups,
    }
    const flag = compile(fromGrowthBook(payload), fullEvaluator).flag('flag')
    return { actual: flag({ attributes: attributes as JsonObject }).value, expected }
  },
  hash: ([seed, value, version, expected]) => {
    const hash = fullEvaluator.hashes![version as number]
    return { actual: hash ? hash(seed as string, value as string) / 1e6 : null, expected }
  },
  getBucketRange: ([, inputs, expected]) => {
    const [count, coverage, weights] = inputs as [number, number, number[] | null]
    return {
      actual: rounded(growthBookShares(count, coverage, weights ?? undefined)),
      expected: rounded(expected),
    }
  },
  chooseVariation: ([, n, ranges, expected]) => ({
    actual: findRange(
      million(n as number),
      (ranges as [number, number][]).map(([start, end]) => [million(start), million(end)]),
    ),
    expected,
  }),
  getQueryStringOverride: ([, key, url, count, expected]) => {
    const rule = { key: key as string, variations: Array(count as number).fill(0) }
    const result = once(rule, {}, url as string)
    return { actual: result.reason === 'override' ? result.index : null, expected }
  },
  inNamespace: ([, id, namespace, expected]) => ({
    actual: once({ variations: [0, 1], namespace }, { id: id as string }).reason !== 'namespace',
    expected,
  }),
  getEqualWeights: ([count, expected]) => ({
    actual: rounded(
      growthBookShares(Math.max(0, count as number)).map(([start, end], i, all) =>
        i === 0 ? end : (all[0]?.[1] ?? end - start),
      ),
    ),
    expected: rounded(expected),
  }),
  run: ([, context, experiment, value, inExperiment, hashUsed]) => ({
    actual: runRule(context as GrowthBookContext, experiment as JsonObject),
    expected: { value, inExperiment, hashUsed },
  }),
  feature: ([, context, key, expected]) => ({
    actual: runFeature(context as GrowthBookContext, key as string),
    expected: { ruleId: '', ...(expected as JsonObject) },
  }),
  stickyBucket: ([, context, docs, key, result, kept]) => ({
    actual: runSticky(context as GrowthBookContext, docs as never, key as string),
    expected: { result, kept },
  }),
  urlRedirect: ([, context, expected]) => ({ actual: runRedirects(context as GrowthBookContext), expected }),
}

/** The lists of cases in the file, also those in groups of their own; `section` says how they are asked. */
export function sectionsOf(file: unknown, group = ''): { name: string; section: string; cases: Case[] }[] {
  return Object.entries(file as object).flatMap(([section, cases]) => {
    if (Array.isArray(cases)) return [{ name: group + section, section, cases }]
    return cases && typeof cases === 'object' ? sectionsOf(cases, `${section}.`) : []
  })
}

/** Whether we answer as expected: nothing, or what we answer instead. */
export function runCase(section: string, one: Case): string | undefined {
  if (!(section in sections)) return 'no runner for this section'
  try {
    const { actual, expected } = sections[section]!(one)
    // As JSON: a field that is undefined is none.
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))
    if (isDeepStrictEqual(plain(actual), plain(expected))) return
    return `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`
  } catch (error) {
    return String(error)
  }
}
