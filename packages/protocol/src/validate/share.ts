/** Checks what cuts units by hash or time: ranges, rollouts, namespaces, holdouts, schedules, and prerequisites. */
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

const latest = 253_402_300_799_999

/** Whether both are numbers, and the first is not above the second. */
const ordered = (first: unknown, second: unknown): boolean =>
  typeof first === 'number' && typeof second === 'number' && first <= second

/** Says what is wrong with `[start, end)` ranges. */
export function checkRanges(say: Say, path: string, value: unknown): void {
  listAt(say, path, value).forEach((range, i) => {
    const [start, end]: unknown[] =
      Array.isArray(range) && range.length === 2 ? range : [undefined, undefined]
    if (start === undefined) {
      say(`${path}.${i}`, 'must be [start, end], in parts of a million.')
      return
    }
    shareAt(say, `${path}.${i}.0`, start)
    shareAt(say, `${path}.${i}.1`, end)
    if (ordered(end, start) && start !== end) say(`${path}.${i}`, 'ends before it starts.')
  })
}

/** Says what is wrong with who is hashed, and how. */
export function checkHashing(say: Say, path: string, object: Members): void {
  oneOf(say, `${path}.hashVersion`, object['hashVersion'], [1, 2, 3])
  for (const field of ['attribute', 'fallback', 'seed']) textAt(say, `${path}.${field}`, object[field])
}

/** Says what is wrong with a rollout. */
export function checkRollout(say: Say, path: string, value: unknown): void {
  const rollout = membersAt(say, path, value)
  onlyFields(say, path, rollout, 'coverage ranges attribute fallback seed hashVersion')
  checkHashing(say, path, rollout)
  shareAt(say, `${path}.coverage`, rollout['coverage'])
  checkRanges(say, `${path}.ranges`, rollout['ranges'])
  if (rollout['coverage'] !== undefined && rollout['ranges'] !== undefined)
    say(path, 'has both coverage and ranges. Name one of them.')
}

/** Says what is wrong with namespaces. */
export function checkNamespaces(say: Say, path: string, value: unknown): void {
  listAt(say, path, value).forEach((item, i) => {
    const at = `${path}.${i}`
    const namespace = membersAt(say, at, item)
    onlyFields(say, at, namespace, 'name ranges holdout hashVersion attribute seed')
    textAt(say, `${at}.name`, namespace['name'], true)
    checkHashing(say, at, namespace)
    booleanAt(say, `${at}.holdout`, namespace['holdout'])
    if (namespace['ranges'] === undefined) say(`${at}.ranges`, 'is missing. Name the shares that take part.')
    checkRanges(say, `${at}.ranges`, namespace['ranges'])
  })
}

/** Says what is wrong with a holdout. */
export function checkHoldout(say: Say, path: string, value: unknown): void {
  const holdout = membersAt(say, path, value)
  onlyFields(say, path, holdout, 'coverage hashVersion attribute seed')
  checkHashing(say, path, holdout)
  if (holdout['coverage'] === undefined) say(`${path}.coverage`, 'is missing. Say how many are held out.')
  shareAt(say, `${path}.coverage`, holdout['coverage'])
}

/** Says what is wrong with a schedule. */
export function checkSchedule(say: Say, path: string, value: unknown): void {
  const schedule = membersAt(say, path, value)
  onlyFields(say, path, schedule, 'start end')
  for (const field of ['start', 'end'])
    if (schedule[field] !== undefined && !Number.isInteger(schedule[field]))
      say(`${path}.${field}`, 'is no time. Write milliseconds since 1970, such as 1767225600000.')
    else integerAt(say, `${path}.${field}`, schedule[field], 0, latest)
  if (ordered(schedule['end'], schedule['start'])) say(path, 'ends before it starts.')
}

/** Says what is wrong with prerequisites. */
export function checkPrerequisites(say: Say, path: string, value: unknown, names: Names): void {
  listAt(say, path, value).forEach((item, i) => {
    const at = `${path}.${i}`
    const prerequisite = membersAt(say, at, item)
    const { flag, condition, gate } = prerequisite
    onlyFields(say, at, prerequisite, 'flag condition gate')
    booleanAt(say, `${at}.gate`, gate)
    if (!names.flags.includes(flag as string))
      say(`${at}.flag`, `names the flag ${JSON.stringify(flag)}, which there is none of.`)
    if (condition !== undefined) checkCondition(say, `${at}.condition`, condition, names)
  })
}

/** Says what is wrong with roles. */
export function checkRoles(say: Say, path: string, value: unknown): void {
  listAt(say, path, value).forEach((role, i) => {
    textAt(say, `${path}.${i}`, role, true)
  })
}
