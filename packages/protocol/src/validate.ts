/** Checks a config by hand: every mistake by its path and in words, before it can reach a page. */
import type { Namespace } from './config.ts'
import type { Names } from './validate/condition.ts'
import { checkExperiment } from './validate/experiment.ts'
import { checkFlag } from './validate/flag.ts'
import {
  type ConfigMistake,
  isMembers,
  listAt,
  type Members,
  membersAt,
  onlyFields,
  type Say,
  textAt,
} from './validate/report.ts'
import { checkHoldout } from './validate/share.ts'

export type { ConfigMistake }

const quiet: Say = () => {}

/** The flags that a flag waits for: those of its rules, and those of the experiments that they name. */
function waitsFor(flag: unknown, experiments: Members): string[] {
  return listAt(quiet, '', isMembers(flag) ? flag['rules'] : []).flatMap((rule) => {
    const { prerequisites, experiment } = membersAt(quiet, '', rule)
    const own = listAt(quiet, '', prerequisites)
    const tested = membersAt(quiet, '', experiments[experiment as string])['prerequisites']
    return [...own, ...listAt(quiet, '', tested)].map((one) => membersAt(quiet, '', one)['flag'] as string)
  })
}

function checkCycles(say: Say, flags: Members, experiments: Members): void {
  const done = new Set<string>()
  const visit = (key: string, path: string[]): void => {
    if (path.includes(key)) {
      const circle = [...path.slice(path.indexOf(key)), key]
      say(`flags.${key}`, `waits for itself: ${circle.join(' → ')}. Take one of these prerequisites away.`)
      return
    }
    if (done.has(key) || !(key in flags)) return
    for (const next of waitsFor(flags[key], experiments)) visit(next, [...path, key])
    done.add(key)
  }
  for (const key of Object.keys(flags)) visit(key, [])
}

/** Two experiments that run in one namespace must not share a part of it. */
function checkOverlaps(say: Say, experiments: Members): void {
  const taken: { path: string; owner: string; space: string; start: number; end: number }[] = []
  for (const [owner, value] of Object.entries(experiments)) {
    const { status, namespaces, attribute = 'anonymousId' } = membersAt(quiet, '', value)
    if (status !== 'running' && status !== 'paused') continue
    listAt(quiet, '', namespaces).forEach((item, i) => {
      const one = membersAt(quiet, '', item) as unknown as Partial<Namespace>
      if (one.holdout) return
      const space = JSON.stringify([one.name, one.seed, one.hashVersion ?? 3, one.attribute ?? attribute])
      for (const range of listAt(quiet, '', one.ranges)) {
        const [start, end] = range as [number, number]
        const path = `experiments.${owner}.namespaces.${i}.ranges`
        const other = taken.find(
          (was) => was.owner !== owner && was.space === space && start < was.end && was.start < end,
        )
        if (other)
          say(
            path,
            `overlaps with that of ${other.owner} in the namespace ${one.name}. Give each its own part.`,
          )
        taken.push({ path, owner, space, start, end })
      }
    })
  }
}

function checkKeys(say: Say, path: string, members: Members): string[] {
  for (const key of Object.keys(members)) textAt(say, `${path}.${key}`, key)
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
  for (const [key, group] of Object.entries(groups)) listAt(say, `groups.${key}`, group)
  checkCycles(say, flags, experiments)
  checkOverlaps(say, experiments)
  return mistakes
}
