/** Going back to what was published before: forward, as a new number, and without mixing the results of two revisions. */
import type { ConfigDefinition, ExperimentDefinition, FlagDefinition } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import { lastRevision, type MakeChange, type Revisions } from './change.ts'
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

function experimentAgain(
  then: ExperimentDefinition,
  now: ExperimentDefinition | undefined,
  last: number,
  held: boolean,
): ExperimentDefinition {
  if (then.status === 'draft') return { ...then, revision: now?.status === 'draft' ? now.revision : last + 1 }
  const fields = now && now.status !== 'draft' ? differs(now, then) : undefined
  const stays = fields && held && !fields.some((field) => [...deciding, ...planned].includes(field))
  return { ...then, revision: now && stays ? now.revision : revisionOf(then, last) }
}

/** The definition `then`, to be published after `now`: each flag and experiment under a revision that is its own. */
export function again(then: ConfigDefinition, now: ConfigDefinition, revisions: Revisions): ConfigDefinition {
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
    experiments: map(then.experiments, now.experiments, (one, present, key) => {
      const held = same(cuts(then, one.holdouts), cuts(now, one.holdouts))
      return experimentAgain(one, present, lastRevision(revisions.experiments, key), held)
    }),
  }
}

/**
 * Publishes what a number was.
 *
 * @param base the number that the caller saw
 * @throws a `Problem`: `config_not_found`, or what publishing throws
 */
export async function revertTo(gateway: Gateway, number: number, base?: number): Promise<Outcome> {
  const wanted = await gateway.read(number)
  if (!wanted) throw unknownNumber(number)
  const make: MakeChange = (now, standing) => ({
    definition: again(wanted.definition, now, standing.revisions),
    reason: `config.revert ${number}`,
    subject: 'config',
    before: { number: standing.number, version: standing.version },
    after: { number, version: wanted.version },
  })
  return publishChange(gateway, make, base)
}

/** The problem that nothing was published under a number. */
export function unknownNumber(number: number): Problem {
  return new Problem('config_not_found', {
    detail: `Nothing was published under number ${number}.`,
    fix: 'GET /v1/manage/versions and `nunchi flags history` show the numbers there are.',
  })
}
