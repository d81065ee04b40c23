/** Checks a config by hand: every mistake by its path and in words, before it can reach a page. */
import type { Names } from './validate/condition.ts'
import { checkCycles } from './validate/cycles.ts'
import { checkExperiment } from './validate/experiment.ts'
import { checkFlag } from './validate/flag.ts'
import { checkGroups } from './validate/groups.ts'
import { checkOverlaps } from './validate/overlaps.ts'
import {
  type ConfigMistake,
  isMembers,
  type Members,
  membersAt,
  onlyFields,
  type Say,
  textAt,
} from './validate/report.ts'
import { checkHoldout } from './validate/share.ts'

export type { ConfigMistake }

function checkKeys(say: Say, path: string, members: Members): string[] {
  for (const key of Object.keys(members)) {
    textAt(say, `${path}.${key}`, key)
    // Whoever keeps something under it, by any other code than this, changes an object's prototype.
    if (key === '__proto__')
      say(`${path}.${key}`, 'is a name that JavaScript keeps for itself. Choose another key.')
  }
  return Object.keys(members)
}

/**
 * Finds every mistake of what people manage (a `ConfigDefinition`) or of what was published (a `Config`, which has a
 * `version` and no names or hypotheses). Takes anything, and never throws.
 *
 * @returns an empty list where there is no mistake
 */
export function validate(definition: unknown): ConfigMistake[] {
  const mistakes: ConfigMistake[] = []
  const say: Say = (path, message) => {
    mistakes.push({ path, message })
  }
  if (!isMembers(definition)) {
    say('', 'is no config. Write { "flags": { … }, "experiments": { … } }.')
    return mistakes
  }
  onlyFields(say, '', definition, 'version flags experiments holdouts groups')
  for (const field of ['flags', 'experiments'])
    if (definition[field] === undefined) say(field, 'is missing. Write {} where there are none.')
  const flags = membersAt(say, 'flags', definition['flags'])
  const experiments = membersAt(say, 'experiments', definition['experiments'])
  const holdouts = membersAt(say, 'holdouts', definition['holdouts'])
  const groups = membersAt(say, 'groups', definition['groups'])
  const names: Names = {
    flags: checkKeys(say, 'flags', flags),
    experiments: checkKeys(say, 'experiments', experiments),
    holdouts: checkKeys(say, 'holdouts', holdouts),
    groups: checkKeys(say, 'groups', groups),
  }
  for (const [key, flag] of Object.entries(flags)) checkFlag(say, `flags.${key}`, flag, names)
  for (const [key, one] of Object.entries(experiments))
    checkExperiment(say, `experiments.${key}`, one, names, definition['version'] === undefined)
  for (const [key, holdout] of Object.entries(holdouts)) checkHoldout(say, `holdouts.${key}`, holdout)
  checkGroups(say, groups, flags, experiments)
  checkCycles(say, flags, experiments)
  checkOverlaps(say, experiments)
  return mistakes
}
