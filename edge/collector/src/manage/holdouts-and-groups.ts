/** Changes of what flags and experiments share: holdouts, and groups. */
import type { ConfigDefinition, ExperimentDefinition, Holdout, Json } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import { asJson, type Change, conflict, lastRevision, type MakeChange, type Standing } from './change.ts'
import { same } from './differs.ts'

type Kind = 'holdout' | 'group'
const members = { holdout: 'holdouts', group: 'groups' } as const

const own = <Item>(items: { [key: string]: Item } | undefined, key: string): Item | undefined =>
  items && Object.hasOwn(items, key) ? items[key] : undefined

function changed<Item>(
  definition: ConfigDefinition,
  kind: Kind,
  key: string,
  after: Item | undefined,
): Change {
  const all = (definition[members[kind]] ?? {}) as { [key: string]: Item }
  const before = own(all, key)
  const others = Object.entries(all).filter(([one]) => one !== key)
  const next = Object.fromEntries(after === undefined ? others : [...others, [key, after]])
  const verb = after === undefined ? 'delete' : before === undefined ? 'create' : 'update'
  return {
    definition: { ...definition, [members[kind]]: next },
    reason: `${kind}.${verb} ${key}`,
    subject: `${kind}/${key}`,
    before: asJson(before as object | undefined),
    after: asJson(after as object | undefined),
  }
}

/** What of a holdout decides who is held out; how many are is like a coverage. */
const cut = (holdout: Holdout | undefined): object => ({ ...holdout, coverage: 0 })

/** Those that assign, or will again, and name the holdout, under a new revision each. */
function restarted(
  definition: ConfigDefinition,
  key: string,
  { revisions }: Standing,
): [string, ExperimentDefinition][] {
  return Object.entries(definition.experiments)
    .filter(
      ([, { status, holdouts }]) => (status === 'running' || status === 'paused') && holdouts?.includes(key),
    )
    .map(([name, one]) => [name, { ...one, revision: lastRevision(revisions.experiments, name) + 1 }])
}

/**
 * Makes or replaces a holdout.
 *
 * @param restart allows to hold out others than before, as a new revision of each experiment that names it
 */
export function setHoldout(key: string, holdout: Holdout, restart = false): MakeChange {
  return (definition, standing) => {
    const before = own(definition.holdouts, key)
    const change = changed(definition, 'holdout', key, holdout)
    if (!before || same(cut(before), cut(holdout))) return change
    const moved = restarted(definition, key, standing)
    if (moved.length > 0 && !restart)
      throw conflict(
        `Holding out others than before moves people of the experiments ${moved.map(([name]) => name).join(', ')}.`,
        'Say restart to begin a new revision of each, or change its coverage only.',
      )
    const experiments = { ...definition.experiments, ...Object.fromEntries(moved) }
    return { ...change, definition: { ...change.definition, experiments } }
  }
}

/** Makes or replaces a group: a list of values for `$inGroup` and `$notInGroup`. */
export function setGroup(key: string, group: Json[]): MakeChange {
  return (definition) => changed(definition, 'group', key, group)
}

/** Takes a holdout or a group away that nothing names any more; validating says what does. */
export function deleteShared(kind: Kind, key: string): MakeChange {
  return (definition) => {
    const all = definition[members[kind]] ?? {}
    if (own(all as { [key: string]: unknown }, key) === undefined)
      throw new Problem('config_not_found', {
        detail: `There is no ${kind} "${key}" in this environment.`,
        fix: `There are: ${Object.keys(all).toSorted().slice(0, 10).join(', ') || 'none'}.`,
      })
    return changed(definition, kind, key, undefined)
  }
}
