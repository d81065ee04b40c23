/** Checks an experiment and its variants. */
import { buckets } from '../bucket.ts'
import { compileUrls } from '../url.ts'
import { checkCondition, type Names } from './condition.ts'
import {
  booleanAt,
  integerAt,
  listAt,
  type Members,
  membersAt,
  oneOf,
  onlyFields,
  type Say,
  shareAt,
  textAt,
} from './report.ts'
import {
  checkHashing,
  checkNamespaces,
  checkPrerequisites,
  checkRanges,
  checkRoles,
  checkSchedule,
} from './share.ts'

const fields =
  'status revision variants coverage ranges attribute fallback seed hashVersion namespaces condition prerequisites schedule urls forced force winner assignmentKey bucketVersion minBucketVersion disableSticky meta roles holdouts name hypothesis description targetSampleSize confidenceLevel testing createdBy'

function checkVariants(say: Say, path: string, experiment: Members): string[] {
  const variants = listAt(say, path, experiment['variants']).map((item, i) => {
    const variant = membersAt(say, `${path}.${i}`, item)
    onlyFields(say, `${path}.${i}`, variant, 'key weight isControl configuration passthrough meta')
    textAt(say, `${path}.${i}.key`, variant['key'], true)
    if (variant['weight'] === undefined) say(`${path}.${i}.weight`, 'is missing.')
    shareAt(say, `${path}.${i}.weight`, variant['weight'])
    booleanAt(say, `${path}.${i}.isControl`, variant['isControl'])
    booleanAt(say, `${path}.${i}.passthrough`, variant['passthrough'])
    return variant
  })
  if (variants.length < 2) say(path, 'has fewer than two variants: there is nothing to compare.')
  const controls = variants.filter(({ isControl }) => isControl === true).length
  if (controls !== 1)
    say(
      path,
      `has ${controls === 0 ? 'no control' : `${controls} controls`}. Mark exactly one variant isControl.`,
    )
  const keys = variants.map(({ key }) => key as string)
  keys.forEach((key, i) => {
    if (keys.indexOf(key) < i) say(`${path}.${i}.key`, 'is that of another variant. Each has its own.')
  })
  const sum = variants.reduce(
    (total, { weight }) => total + (typeof weight === 'number' ? weight : Number.NaN),
    0,
  )
  if (experiment['ranges'] === undefined && Number.isFinite(sum) && sum !== buckets)
    say(path, `has weights that sum to ${sum}, not to ${buckets}. Share out the rest.`)
  return keys
}

function checkUrls(say: Say, path: string, value: unknown): void {
  listAt(say, path, value).forEach((item, i) => {
    const target = membersAt(say, `${path}.${i}`, item)
    onlyFields(say, `${path}.${i}`, target, 'type pattern include')
    booleanAt(say, `${path}.${i}.include`, target['include'])
    try {
      if (typeof target['pattern'] !== 'string') throw new Error('it is no text')
      compileUrls([target as never])
    } catch (error) {
      say(`${path}.${i}`, `is no pattern of an address: ${(error as Error).message}.`)
    }
  })
}

function checkPlan(say: Say, path: string, experiment: Members): void {
  textAt(say, `${path}.name`, experiment['name'], true)
  if (typeof experiment['hypothesis'] !== 'string' || experiment['hypothesis'].trim() === '')
    say(`${path}.hypothesis`, 'is missing. Write what you believe will change, for whom, and why.')
  for (const field of ['description', 'createdBy']) textAt(say, `${path}.${field}`, experiment[field])
  integerAt(say, `${path}.targetSampleSize`, experiment['targetSampleSize'], 1, Number.MAX_SAFE_INTEGER)
  const level = experiment['confidenceLevel']
  if (level !== undefined && !(typeof level === 'number' && level >= 0.5 && level < 1))
    say(`${path}.confidenceLevel`, 'must be from 0.5 to below 1, such as 0.95.')
  const testing = experiment['testing']
  oneOf(say, `${path}.testing`, testing, ['fixed', 'group sequential', 'always valid'])
  if ((testing === 'fixed' || testing === 'group sequential') && experiment['targetSampleSize'] === undefined)
    say(`${path}.testing`, `is ${testing}, which needs a targetSampleSize.`)
}

/** Says every mistake of an experiment. `planned`: whether it must say why it is run, as what people manage does. */
export function checkExperiment(
  say: Say,
  path: string,
  value: unknown,
  names: Names,
  planned: boolean,
): void {
  const experiment = membersAt(say, path, value)
  onlyFields(say, path, experiment, fields)
  oneOf(say, `${path}.status`, experiment['status'], ['draft', 'running', 'paused', 'completed'], true)
  if (experiment['revision'] === undefined) say(`${path}.revision`, 'is missing. The first is 1.')
  integerAt(say, `${path}.revision`, experiment['revision'], 1, Number.MAX_SAFE_INTEGER)
  if (planned) checkPlan(say, path, experiment)
  const keys = checkVariants(say, `${path}.variants`, experiment)
  const named = (field: string, variant: unknown): void => {
    if (!keys.includes(variant as string))
      say(`${path}.${field}`, `names the variant ${JSON.stringify(variant)}, which there is none of.`)
  }
  for (const field of ['force', 'winner'])
    if (experiment[field] !== undefined) named(field, experiment[field])
  for (const [unit, variant] of Object.entries(membersAt(say, `${path}.forced`, experiment['forced'])))
    named(`forced.${unit}`, variant)
  if (experiment['winner'] !== undefined && experiment['status'] !== 'completed')
    say(`${path}.winner`, 'is for a completed experiment. Complete it, or take the winner away.')
  shareAt(say, `${path}.coverage`, experiment['coverage'])
  checkRanges(say, `${path}.ranges`, experiment['ranges'])
  if (Array.isArray(experiment['ranges']) && experiment['ranges'].length !== keys.length)
    say(`${path}.ranges`, 'must have one range for each variant.')
  checkHashing(say, path, experiment)
  checkNamespaces(say, `${path}.namespaces`, experiment['namespaces'])
  listAt(say, `${path}.holdouts`, experiment['holdouts']).forEach((key, i) => {
    if (!names.holdouts.includes(key as string))
      say(`${path}.holdouts.${i}`, `names the holdout ${JSON.stringify(key)}, which there is none of.`)
  })
  if (experiment['condition'] !== undefined)
    checkCondition(say, `${path}.condition`, experiment['condition'], names)
  checkRoles(say, `${path}.roles`, experiment['roles'])
  checkPrerequisites(say, `${path}.prerequisites`, experiment['prerequisites'], names)
  if (experiment['schedule'] !== undefined) checkSchedule(say, `${path}.schedule`, experiment['schedule'])
  checkUrls(say, `${path}.urls`, experiment['urls'])
  for (const field of ['bucketVersion', 'minBucketVersion'])
    integerAt(say, `${path}.${field}`, experiment[field], 0, 1000)
  booleanAt(say, `${path}.disableSticky`, experiment['disableSticky'])
}
