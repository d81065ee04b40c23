/** Converts the payload of GrowthBook's SDKs into a config that puts everybody where they were. */
import { buckets } from './bucket.ts'
import { configVersion } from './canonical-json.ts'
import type {
  Condition,
  Config,
  Experiment,
  Flag,
  HashVersion,
  Namespace,
  Prerequisite,
  Range,
  Rollout,
  Rule,
  UrlTarget,
  Variant,
} from './config.ts'
import type { Json, JsonObject } from './event.ts'
import { fromGrowthBookCondition, validPattern } from './from-growthbook-condition.ts'
import type {
  Filter,
  GrowthBookExperiment,
  GrowthBookPayload,
  GrowthBookRule,
  ParentCondition,
  Share,
  Shared,
} from './growthbook-payload.ts'

/** How the payload was used. */
export interface FromGrowthBookOptions {
  /** Whether the SDK kept assignments (a sticky bucket service): only then do its fallback attributes count. @default false */
  sticky?: boolean
}

/**
 * The first of our buckets whose GrowthBook bucket is at least `share`: GrowthBook compares k/1000 or k/10,000 with the
 * share as floating-point numbers, so this does the same.
 */
function bound(share: number, steps: number, above = false): number {
  const passes = (k: number): boolean => (above ? k / steps > share : k / steps >= share)
  let k = Math.min(steps, Math.max(0, Math.ceil(share * steps)))
  while (k > 0 && passes(k - 1)) k--
  while (k < steps && !passes(k)) k++
  return k * (buckets / steps)
}

const stepsOf = (version: number): number => (version === 1 ? 1000 : 10_000)

/** GrowthBook's shares of the variations as it computes them, in floating point. */
export function growthBookShares(count: number, coverage = 1, weights?: number[]): Share[] {
  const part = Math.min(1, Math.max(0, coverage))
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? 0
  const valid = weights?.length === count && total >= 0.99 && total <= 1.01
  let start = 0
  return (valid ? weights : Array<number>(count).fill(1 / count)).map((weight) => {
    const from = start
    start += weight
    return [from, from + part * weight]
  })
}

/** Shares of GrowthBook as ranges of our buckets; a hash version that nobody knows gets none. */
export function growthBookRanges(shares: Share[], version: number): Range[] {
  if (version !== 1 && version !== 2) return shares.map(() => [0, 0])
  return shares.map(([start, end]) => [bound(start, stepsOf(version)), bound(end, stepsOf(version))])
}

const versionOf = (version: number): HashVersion => (version === 1 ? 1 : 2)

function fromFilter({ seed, ranges, hashVersion, attribute }: Filter): Namespace {
  const version = hashVersion || 2
  return {
    name: seed,
    seed,
    attribute: attribute || 'id',
    hashVersion: versionOf(version),
    ranges: growthBookRanges(ranges, version),
  }
}

const fromUrlPattern = (one: UrlTarget): UrlTarget =>
  one.type === 'regex' ? { ...one, pattern: validPattern(one.pattern) } : one

/** Makes the converter of one payload. */
function converter({ savedGroups = {} }: GrowthBookPayload, { sticky = false }: FromGrowthBookOptions) {
  const condition = (one: JsonObject): Condition => fromGrowthBookCondition(one, savedGroups)

  const parents = (list: ParentCondition[]): Prerequisite[] =>
    list.map(({ id, condition: asked = {}, gate = false }) => ({
      flag: id,
      condition: condition(asked),
      gate,
    }))

  const unit = (one: Shared): { attribute: string; fallback?: string; hashVersion: HashVersion } => ({
    attribute: one.hashAttribute || 'id',
    ...(sticky && one.fallbackAttribute && !one.disableStickyBucketing
      ? { fallback: one.fallbackAttribute }
      : {}),
    hashVersion: versionOf(one.hashVersion || 1),
  })

  const rollout = (flag: string, rule: GrowthBookRule): Rollout => {
    const version = rule.hashVersion || 1
    // A percentage includes its end; a coverage of nothing has none.
    const ends = version <= 2 && rule.coverage ? bound(rule.coverage, stepsOf(version), true) : 0
    const ranges: Range[] = rule.range ? growthBookRanges([rule.range], version) : [[0, ends]]
    return { ...unit(rule), seed: rule.seed || flag, ranges }
  }

  const variants = (one: Shared): Variant[] =>
    (one.variations ?? []).map((configuration, i) => ({
      key: one.meta?.[i]?.key || `${i}`,
      weight: 0,
      configuration,
      ...(i === 0 ? { isControl: true } : {}),
      ...(one.meta?.[i]?.passthrough ? { passthrough: true } : {}),
      ...(one.meta?.[i]?.name ? { meta: { name: one.meta[i].name } } : {}),
    }))

  const experiment = (key: string, one: Shared): Experiment => {
    const arms = variants(one)
    const version = one.hashVersion || 1
    const shares = one.ranges ?? growthBookShares(arms.length, one.coverage, one.weights)
    const namespaces: Namespace[] = (one.filters ?? []).map(fromFilter)
    if (one.namespace && !one.filters) {
      const [name, start, end] = one.namespace
      namespaces.push({ name, hashVersion: 1, ranges: growthBookRanges([[start, end]], 1) })
    }
    return {
      status: arms.length < 2 ? 'draft' : version > 2 ? 'paused' : 'running',
      revision: 1,
      variants: arms,
      ranges: growthBookRanges(shares, version),
      ...unit(one),
      seed: one.seed || key,
      // One with fewer than two variations is not run, and cannot be forced either.
      assignmentKey: arms.length < 2 ? '' : key,
      ...(namespaces.length ? { namespaces } : {}),
      ...(one.condition ? { condition: condition(one.condition) } : {}),
      ...(one.bucketVersion ? { bucketVersion: one.bucketVersion } : {}),
      ...(one.minBucketVersion ? { minBucketVersion: one.minBucketVersion } : {}),
      ...(one.disableStickyBucketing ? { disableSticky: true } : {}),
    }
  }

  const automatic = (one: GrowthBookExperiment): Experiment => {
    const made = experiment(one.key, one)
    const { key = '' } = made.variants[one.force ?? -1] ?? {}
    const inactive = one.status === 'draft' || one.active === false
    const stopped = one.status === 'stopped' && one.force === undefined
    return {
      ...made,
      status: inactive ? 'draft' : stopped ? 'paused' : made.status,
      ...(one.force === undefined ? {} : { force: key }),
      ...(one.parentConditions ? { prerequisites: parents(one.parentConditions) } : {}),
      ...(one.urlPatterns ? { urls: one.urlPatterns.map(fromUrlPattern) } : {}),
      ...(one.persistQueryString ? { meta: { persistQueryString: true } } : {}),
    }
  }

  const rule = (flag: string, one: GrowthBookRule, id: string, experiment: string): Rule => {
    const forced = one.force !== undefined
    const share = forced && (one.range || one.coverage !== undefined)
    return {
      id,
      ...(forced ? { value: one.force! } : one.variations ? { experiment } : {}),
      ...(one.parentConditions ? { prerequisites: parents(one.parentConditions) } : {}),
      ...(one.filters ? { namespaces: one.filters.map(fromFilter) } : {}),
      ...(forced && one.condition ? { condition: condition(one.condition) } : {}),
      ...(share ? { rollout: rollout(flag, one) } : {}),
    }
  }

  return { experiment, automatic, rule }
}

/**
 * A contextual bandit that has found no contexts shares its variations out as any experiment does; one that has is
 * passed over.
 */
function withoutContexts(
  rule: GrowthBookRule,
  bandits: GrowthBookPayload['contextualBandits'],
): GrowthBookRule {
  const { contextualVariations, contextualBanditRef = '', variations: _, ...rest } = rule
  if (!contextualVariations) return rule
  return bandits?.[contextualBanditRef]?.contexts?.length
    ? rest
    : { ...rest, variations: contextualVariations }
}

/** The type that all values of a feature have; `json` where they differ, since GrowthBook does not ask for one. */
function typeOf(values: Json[]): Flag['type'] {
  const types = new Set(values.map((value) => typeof value))
  const [type] = types
  return types.size === 1 && (type === 'boolean' || type === 'number' || type === 'string') ? type : 'json'
}

/**
 * Converts what GrowthBook's SDKs download. Every user keeps every value and variant: hash versions 1 and 2, ranges,
 * weights, coverage, namespaces, filters, prerequisites and kept assignments are taken over. An experiment that is a
 * rule is called by its key, or, where another has that key, by its flag and position (`checkout.2`); visual and
 * redirect tests by their key.
 *
 * The result needs the full evaluator. Contextual bandits that have found contexts are passed over; encrypted payloads
 * are not converted.
 */
export function fromGrowthBook(payload: GrowthBookPayload, options: FromGrowthBookOptions = {}): Config {
  const convert = converter(payload, options)
  const experiments: Config['experiments'] = {}
  const flags: Config['flags'] = {}
  for (const one of payload.experiments ?? []) experiments[one.key] = convert.automatic(one)
  for (const [key, feature] of Object.entries(payload.features ?? {})) {
    const given = (feature.rules ?? []).map((one) => withoutContexts(one, payload.contextualBandits))
    const rules = given.map((one, i) => {
      const own = one.key || key
      const name = experiments[own] ? `${key}.${i + 1}` : own
      if (one.variations && one.force === undefined) experiments[name] = convert.experiment(own, one)
      return convert.rule(key, one, one.id || `#${i + 1}`, name)
    })
    const { defaultValue: value = null } = feature
    const values = given.flatMap(({ force, variations = [] }) => (force === undefined ? variations : [force]))
    flags[key] = { type: typeOf([value, ...values]), value, off: null, revision: 1, rules }
  }
  const config = { flags, experiments }
  return { version: configVersion(config), ...config }
}
