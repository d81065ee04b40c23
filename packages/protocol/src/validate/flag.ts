/** Checks a flag and its rules. */
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
  textAt,
} from './report.ts'
import { checkNamespaces, checkPrerequisites, checkRoles, checkRollout, checkSchedule } from './share.ts'

function checkType(say: Say, path: string, type: unknown, value: unknown): void {
  if (value === undefined) return
  if (type === 'boolean' || type === 'string' || type === 'number') {
    if (typeof value !== type) say(path, `must be a ${type}, as the flag's type says.`)
    else if (type === 'number' && !Number.isFinite(value)) say(path, 'must be a finite number.')
  }
}

function checkRule(say: Say, path: string, rule: Members, flag: Members, names: Names): void {
  onlyFields(
    say,
    path,
    rule,
    'id value experiment condition roles schedule rollout namespaces prerequisites meta',
  )
  textAt(say, `${path}.id`, rule['id'], true)
  const gates = listAt(() => {}, '', rule['prerequisites']).some((one) => (one as Members)?.['gate'] === true)
  const valued = rule['value'] !== undefined
  const tested = rule['experiment'] !== undefined
  if (valued === tested && (valued || !gates))
    say(path, 'must have either value or experiment: that is what it gives.')
  checkType(say, `${path}.value`, flag['type'], rule['value'])
  if (tested && !names.experiments.includes(rule['experiment'] as string))
    say(
      `${path}.experiment`,
      `names the experiment ${JSON.stringify(rule['experiment'])}, which there is none of.`,
    )
  if (tested && rule['rollout'] !== undefined)
    say(`${path}.rollout`, 'does not go with an experiment, which has a coverage of its own.')
  if (rule['condition'] !== undefined) checkCondition(say, `${path}.condition`, rule['condition'], names)
  if (rule['schedule'] !== undefined) checkSchedule(say, `${path}.schedule`, rule['schedule'])
  if (rule['rollout'] !== undefined) checkRollout(say, `${path}.rollout`, rule['rollout'])
  checkRoles(say, `${path}.roles`, rule['roles'])
  checkNamespaces(say, `${path}.namespaces`, rule['namespaces'])
  checkPrerequisites(say, `${path}.prerequisites`, rule['prerequisites'], names)
}

/** Says every mistake of a flag. */
export function checkFlag(say: Say, path: string, value: unknown, names: Names): void {
  const flag = membersAt(say, path, value)
  onlyFields(say, path, flag, 'type value enabled off rules revision meta description createdBy')
  oneOf(say, `${path}.type`, flag['type'], ['boolean', 'string', 'number', 'json'], true)
  if (flag['value'] === undefined)
    say(`${path}.value`, 'is missing: what the flag is where no rule says otherwise.')
  checkType(say, `${path}.value`, flag['type'], flag['value'])
  if (flag['off'] !== null) checkType(say, `${path}.off`, flag['type'], flag['off'])
  booleanAt(say, `${path}.enabled`, flag['enabled'])
  if (flag['revision'] === undefined) say(`${path}.revision`, 'is missing. The first is 1.')
  integerAt(say, `${path}.revision`, flag['revision'], 1, Number.MAX_SAFE_INTEGER)
  for (const field of ['description', 'createdBy']) textAt(say, `${path}.${field}`, flag[field])
  const seen = new Set<unknown>()
  listAt(say, `${path}.rules`, flag['rules']).forEach((item, i) => {
    const rule = membersAt(say, `${path}.rules.${i}`, item)
    checkRule(say, `${path}.rules.${i}`, rule, flag, names)
    if (seen.has(rule['id'])) say(`${path}.rules.${i}.id`, 'is that of another rule. Each has its own.')
    seen.add(rule['id'])
  })
}
