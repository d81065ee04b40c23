/** Going back to what was published before: forward, as a new number, and without mixing the results of two revisions. */
import type { ConfigDefinition, ExperimentDefinition, FlagDefinition, Json } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import { asJson, lastRevision, type MakeChange, missing, type Revisions } from './change.ts'
import { differs, same } from './differs.ts'
import { deciding, planned } from './experiments.ts'
import { phase } from './flags.ts'
import { type Gateway, type Outcome, publishChange } from './publisher.ts'

/** A revision stands for one content for ever, so the last one may come back; an earlier one gets a new number. */
const revisionOf = (then: { revision: number }, last: number): number =>
  then.revision === last ? last : last + 1

function flagAgain(then: FlagDefinition, now: FlagDefinition | undefined, last: number): FlagDefinition {
  const stays = now !== undefined && same(phase(now), phase(then))
  return { ...then, revision: stays ? now.revision : revisionOf(then, last) }
}

/** What of holdouts decides who is held out; how many are is like a coverage. */
const cuts = ({ holdouts = {} }: ConfigDefinition, keys: string[] = []): object =>
  keys.map((key) => ({ ...(Object.hasOwn(holdouts, key) ? holdouts[key] : {}), coverage: 0 }))

/** Whether an experiment's holdouts hold out the same units in two definitions. */
type Held = (experiment: ExperimentDefinition) => boolean

/**
 * @param asNow whether its holdouts are those in force
 * @param asThen whether its holdouts are those that it had
 */
function experimentAgain(
  then: ExperimentDefinition,
  now: ExperimentDefinition | undefined,
  last: number,
  asNow: boolean,
  asThen: boolean,
): ExperimentDefinition {
  if (now && asNow && same(then, now)) return now
  if (then.status === 'draft') return { ...then, revision: now?.status === 'draft' ? now.revision : last + 1 }
  // The holdouts of what is completed may have changed since, so only what assigns says what its revision stands for.
  const assigns = now?.status === 'running' || now?.status === 'paused'
  const moved = now
    ? differs(now, then).some((field) => deciding.includes(field) || planned.includes(field))
    : true
  if (assigns && asNow && !moved) return { ...then, revision: now.revision }
  return { ...then, revision: asThen ? revisionOf(then, last) : last + 1 }
}

/**
 * The definition `then`, to be published after `now`: each flag and experiment under a revision that is its own.
 *
 * @param was what was in force when that was published which `then` takes over
 */
export function again(
  then: ConfigDefinition,
  now: ConfigDefinition,
  revisions: Revisions,
  was: ConfigDefinition = then,
): ConfigDefinition {
  const heldAs =
    (other: ConfigDefinition): Held =>
    ({ holdouts }) =>
      same(cuts(then, holdouts), cuts(other, holdouts))
  const [asNow, asThen] = [heldAs(now), heldAs(was)]
  const map = <Item>(
    from: { [key: string]: Item },
    to: { [key: string]: Item },
    make: (then: Item, now: Item | undefined, key: string) => Item,
  ): { [key: string]: Item } =>
    Object.fromEntries(
      Object.entries(from).map(([key, item]) => [
        key,
        make(item, Object.hasOwn(to, key) ? to[key] : undefined, key),
      ]),
    )
  return {
    ...then,
    flags: map(then.flags, now.flags, (flag, present, key) =>
      flagAgain(flag, present, lastRevision(revisions.flags, key)),
    ),
    experiments: map(then.experiments, now.experiments, (one, present, key) =>
      experimentAgain(one, present, lastRevision(revisions.experiments, key), asNow(one), asThen(one)),
    ),
  }
}

/** What goes back; without both everything. */
export interface Only {
  flag?: string | undefined
  experiment?: string | undefined
}

/** `now`, with the one member of `then`; without it where it was not there. */
function withOne<Item>(then: { [key: string]: Item }, now: { [key: string]: Item }, key: string) {
  const others = Object.entries(now).filter(([one]) => one !== key)
  return Object.fromEntries(Object.hasOwn(then, key) ? [...others, [key, then[key] as Item]] : others)
}

/** The definition in force, in which only what is named is as it was. */
function partOf(then: ConfigDefinition, now: ConfigDefinition, { flag, experiment }: Only): ConfigDefinition {
  if (flag === undefined && experiment === undefined) return then
  for (const [kind, key] of [
    ['flag', flag],
    ['experiment', experiment],
  ] as const) {
    const [was, is] = [then[`${kind}s`], now[`${kind}s`]]
    if (key !== undefined && !Object.hasOwn(was, key) && !Object.hasOwn(is, key))
      throw missing(kind, key, [...new Set([...Object.keys(was), ...Object.keys(is)])])
  }
  return {
    ...now,
    flags: flag === undefined ? now.flags : withOne(then.flags, now.flags, flag),
    experiments:
      experiment === undefined ? now.experiments : withOne(then.experiments, now.experiments, experiment),
  }
}

/** What to write down of going back. */
function toldOf(now: ConfigDefinition, next: ConfigDefinition, { flag, experiment }: Only) {
  const parts = (of: ConfigDefinition): Json =>
    asJson({
      ...(flag === undefined ? {} : { flag: Object.hasOwn(of.flags, flag) ? of.flags[flag] : null }),
      ...(experiment === undefined
        ? {}
        : { experiment: Object.hasOwn(of.experiments, experiment) ? of.experiments[experiment] : null }),
    })
  return { before: parts(now), after: parts(next) }
}

/**
 * Publishes what a number was.
 *
 * @param base the number that the caller saw
 * @param only one flag, one experiment, or one of each; by default everything
 * @throws a `Problem`: `config_not_found`, or what publishing throws
 */
export async function revertTo(
  gateway: Gateway,
  number: number,
  base?: number,
  only: Only = {},
): Promise<Outcome> {
  const wanted = await gateway.read(number)
  if (!wanted) throw unknownNumber(number)
  const names = [only.flag && `flag/${only.flag}`, only.experiment && `experiment/${only.experiment}`].filter(
    Boolean,
  )
  const whole = names.length === 0
  const make: MakeChange = (now, standing) => {
    const definition = again(partOf(wanted.definition, now, only), now, standing.revisions, wanted.definition)
    return {
      definition,
      reason: ['config.revert', number, ...names].join(' '),
      subject: whole ? 'config' : names.join(' '),
      before: { number: standing.number, version: standing.version },
      after: { number, version: wanted.version },
      ...(whole ? {} : toldOf(now, definition, only)),
    }
  }
  return publishChange(gateway, make, base)
}

/** The problem that nothing was published under a number. */
export function unknownNumber(number: number): Problem {
  return new Problem('config_not_found', {
    detail: `Nothing was published under number ${number}.`,
    fix: 'GET /v1/manage/versions and `nunchi flags history` show the numbers there are.',
  })
}
