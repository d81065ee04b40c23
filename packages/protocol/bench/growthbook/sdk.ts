/** GrowthBook's SDK as its cases call it, with our conversion and evaluation inside. */
import { compile } from '../../src/compile.ts'
import type { Config } from '../../src/config.ts'
import { evaluateExperiment, evaluateFlag } from '../../src/evaluate.ts'
import type { EvaluateOptions, ExperimentResult, FlagReason, Sticky } from '../../src/evaluation.ts'
import type { Json, JsonObject } from '../../src/event.ts'
import { fromGrowthBook } from '../../src/from-growthbook.ts'
import { fullEvaluator } from '../../src/full-evaluator.ts'
import type { GrowthBookExperiment, GrowthBookPayload, GrowthBookRule } from '../../src/growthbook-payload.ts'
import { keepSticky } from '../../src/sticky.ts'
import { compileUrls, withQuery } from '../../src/url.ts'

/** What a case gives to the SDK's constructor. */
export interface GrowthBookContext extends GrowthBookPayload {
  attributes?: JsonObject
  url?: string
  enabled?: boolean
  qaMode?: boolean
  forcedVariations?: { [key: string]: number }
  forcedFeatureValues?: { [key: string]: Json }
  overrides?: { [key: string]: Partial<GrowthBookExperiment> }
  groups?: { [key: string]: boolean }
  stickyBucketAssignmentDocs?: { [key: string]: Doc }
  [more: string]: unknown
}

interface Doc {
  attributeName: string
  attributeValue: string
  assignments: { [key: string]: string }
}

/** Settings of the SDK that are none of the config: they switch experiments off. */
function applied(context: GrowthBookContext, one: GrowthBookExperiment): GrowthBookExperiment {
  const merged: GrowthBookExperiment & { groups?: string[] } = { ...one, ...context.overrides?.[one.key] }
  const outside = merged.groups && !merged.groups.some((group) => context.groups?.[group])
  if (outside || context.enabled === false) return { ...merged, status: 'draft' }
  return context.qaMode && merged.force === undefined ? { ...merged, status: 'stopped' } : merged
}

function optionsOf(context: GrowthBookContext, sticky?: Sticky): EvaluateOptions {
  if (context.enabled === false) return {}
  return {
    ...(context.url ? { url: context.url } : {}),
    ...(sticky ? { sticky } : {}),
    overrides: { flags: context.forcedFeatureValues ?? {}, experiments: context.forcedVariations ?? {} },
  }
}

/** An experiment by itself: `growthbook.run(experiment)`. */
export function runRule(context: GrowthBookContext, experiment: JsonObject): object {
  const one = applied(context, experiment as unknown as GrowthBookExperiment)
  const config = fromGrowthBook({ ...context, experiments: [one] })
  const compiled = compile(config, fullEvaluator)
  const result = evaluateExperiment(compiled, one.key, context.attributes ?? {}, optionsOf(context))
  return { value: result.value, inExperiment: result.inExperiment, hashUsed: result.assigned }
}

const sources: { [reason in FlagReason]: string } = {
  value: 'defaultValue',
  rule: 'force',
  rollout: 'force',
  experiment: 'experiment',
  override: 'override',
  disabled: 'disabled',
  prerequisite: 'prerequisite',
  cycle: 'cyclicPrerequisite',
  unknown: 'unknownFeature',
  unsupported: 'unsupported',
}

const copied = [
  ...['variations', 'coverage', 'weights', 'hashAttribute', 'fallbackAttribute', 'disableStickyBucketing'],
  ...['bucketVersion', 'minBucketVersion', 'namespace', 'meta', 'ranges', 'name', 'phase', 'seed'],
  ...['hashVersion', 'filters', 'condition'],
]

/** What the SDK says of an experiment's rule: the fields it copies from the rule. */
function experimentOf(rule: GrowthBookRule, flag: string): object {
  const { contextualVariations: variations = rule.variations } = rule
  const fields = Object.entries({ ...rule, variations }).filter(
    ([field, value]) => copied.includes(field) && (value || value === 0),
  )
  return { key: rule.key || flag, ...Object.fromEntries(fields) }
}

/** What the SDK adds where a contextual bandit assigned by the rule's own weights: no leaf of its contexts did. */
function banditOf(context: GrowthBookContext, rule: GrowthBookRule, { assigned }: ExperimentResult) {
  const bandit = context.contextualBandits?.[rule.contextualBanditRef ?? '']
  if (!bandit || !assigned) return
  const { banditVersion } = bandit
  return {
    leafId: -1,
    variationWeights: rule.weights,
    ...(banditVersion === undefined ? {} : { banditVersion }),
  }
}

function resultOf(
  context: GrowthBookContext,
  config: Config,
  flag: string,
  result: ExperimentResult,
): object {
  const { variants, seed } = config.experiments[result.experiment]!
  const { key, meta } = variants[result.index]!
  const raw = context.attributes?.[result.attribute]
  return {
    key,
    featureId: flag,
    inExperiment: result.inExperiment,
    hashUsed: result.assigned,
    variationId: result.index,
    value: result.value,
    hashAttribute: result.attribute,
    hashValue: raw || '',
    stickyBucketUsed: result.reason === 'sticky',
    ...(result.assigned && seed !== undefined ? { bucket: result.bucket! / 1e6 } : {}),
    ...(meta?.['name'] ? { name: meta['name'] } : {}),
    ...(result.passthrough ? { passthrough: true } : {}),
  }
}

function evaluated(context: GrowthBookContext, key: string, sticky?: Sticky) {
  const { experiments: _, ...payload } = context
  const config = fromGrowthBook(payload, { sticky: !!sticky })
  if (context.qaMode || context.enabled === false)
    for (const experiment of Object.values(config.experiments))
      if (experiment.status === 'running') experiment.status = 'paused'
  const assignments: ExperimentResult[] = []
  const compiled = compile(config, fullEvaluator)
  return {
    config,
    assignments,
    result: evaluateFlag(compiled, key, context.attributes ?? {}, {
      ...optionsOf(context, sticky),
      assignments,
    }),
  }
}

/** A feature: `growthbook.evalFeature(key)`. */
export function runFeature(context: GrowthBookContext, key: string): object {
  const { config, result } = evaluated(context, key)
  const rules = context.features?.[key]?.rules ?? []
  const position =
    config.flags[key]?.rules?.findIndex(
      ({ id, experiment }) => id === result.rule && experiment === result.experiment?.experiment,
    ) ?? -1
  const said = {
    value: result.value,
    on: !!result.value,
    off: !result.value,
    source: sources[result.reason],
    ruleId: result.rule.startsWith('#') ? '' : result.rule,
  }
  const rule = rules[position]
  if (!result.experiment || !rule) return said
  const contextualBandit = banditOf(context, rule, result.experiment)
  return {
    ...said,
    experiment: { ...experimentOf(rule, key), ...(contextualBandit ? { contextualBandit } : {}) },
    experimentResult: { ...resultOf(context, config, key, result.experiment), ...contextualBandit },
  }
}

/** A feature with kept assignments: its experiment, and what is kept afterwards. */
export function runSticky(context: GrowthBookContext, docs: Doc[], key: string): object {
  // The SDK loads the documents of this visitor's hash attributes only, unless it is given them.
  const rules = Object.values(context.features ?? {}).flatMap((feature) => feature.rules ?? [])
  const names = rules.flatMap(({ variations, hashAttribute = 'id', fallbackAttribute = '' }) =>
    variations ? [hashAttribute, fallbackAttribute] : [],
  )
  const mine = docs.filter(
    ({ attributeName, attributeValue }) =>
      attributeValue !== '' &&
      names.includes(attributeName) &&
      String(context.attributes?.[attributeName] || '') === attributeValue,
  )
  const given = context.stickyBucketAssignmentDocs ? Object.values(context.stickyBucketAssignmentDocs) : mine
  const before: Sticky = Object.fromEntries(
    given.map((doc) => [`${doc.attributeName}||${doc.attributeValue}`, doc.assignments]),
  )
  const { config, result, assignments } = evaluated(context, key, before)
  const { experiment } = result
  const after = assignments.reduce(
    (kept, one) => keepSticky(kept, config.experiments[one.experiment]!, one),
    before,
  )
  const kept = Object.entries(after).map(([unit, assignments]) => {
    const [attributeName, attributeValue] = unit.split('||')
    return [unit, { attributeName, attributeValue, assignments }]
  })
  return {
    result: experiment ? resultOf(context, config, key, experiment) : null,
    kept: Object.fromEntries(kept),
  }
}

/** Redirect tests, as a page runs them: the exposures, and where the page would go. */
export function runRedirects(context: GrowthBookContext): object[] {
  const config = fromGrowthBook(context)
  const compiled = compile(config, fullEvaluator)
  const exposures: { inExperiment: boolean; urlRedirect: Json | undefined }[] = []
  let target = ''
  for (const [key, experiment] of Object.entries(config.experiments)) {
    const result = evaluateExperiment(compiled, key, context.attributes ?? {}, optionsOf(context))
    const urlRedirect = (result.value as JsonObject | null)?.['urlRedirect']
    if (result.assigned) exposures.push({ inExperiment: result.inExperiment, urlRedirect })
    if (
      !result.inExperiment ||
      !experiment.variants.some((one) => (one.configuration as JsonObject)?.['urlRedirect'])
    )
      continue
    if (typeof urlRedirect === 'string') {
      const to = experiment.meta?.['persistQueryString']
        ? withQuery(context.url ?? '', urlRedirect)
        : urlRedirect
      if (!compileUrls(experiment.urls ?? [])(to)) target = to
    }
    // A page that leaves runs nothing more.
    break
  }
  return exposures.map((one) => ({ ...one, urlWithParams: target }))
}
