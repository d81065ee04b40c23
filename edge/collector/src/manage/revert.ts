/** Going back to what was published before: forward, as a new number, and without mixing the results of two revisions. */
import type { ConfigDefinition, ExperimentDefinition, FlagDefinition } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import type { MakeChange } from './change.ts'
import { differs, same } from './differs.ts'
import { deciding } from './experiments.ts'
import { phase } from './flags.ts'
import { type Gateway, type Outcome, publishChange } from './publisher.ts'

/** A revision that nothing was counted under yet, where what decides has changed. */
function revisionOf(
  now: { revision: number } | undefined,
  then: { revision: number },
  moved: boolean,
): number {
  return now ? now.revision + (moved ? 1 : 0) : then.revision + 1
}

function flagAgain(then: FlagDefinition, now: FlagDefinition | undefined): FlagDefinition {
  return { ...then, revision: revisionOf(now, then, !!now && !same(phase(now), phase(then))) }
}

function experimentAgain(
  then: ExperimentDefinition,
  now: ExperimentDefinition | undefined,
): ExperimentDefinition {
  const moved = !!now && differs(now, then).some((field) => deciding.includes(field))
  return { ...then, revision: revisionOf(now, then, moved) }
}

/** The definition `then`, to be published after `now`. */
export function again(then: ConfigDefinition, now: ConfigDefinition): ConfigDefinition {
  const map = <Item>(
    from: { [key: string]: Item },
    to: { [key: string]: Item },
    make: (then: Item, now: Item | undefined) => Item,
  ): { [key: string]: Item } =>
    Object.fromEntries(
      Object.entries(from).map(([key, item]) => [
        key,
        make(item, Object.hasOwn(to, key) ? to[key] : undefined),
      ]),
    )
  return {
    ...then,
    flags: map(then.flags, now.flags, flagAgain),
    experiments: map(then.experiments, now.experiments, experimentAgain),
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
  if (!wanted)
    throw new Problem('config_not_found', {
      detail: `Nothing was published under number ${number}.`,
      fix: 'GET /v1/manage/versions and `nunchi flags history` show the numbers there are.',
    })
  const make: MakeChange = (now) => ({
    definition: again(wanted.definition, now),
    reason: `config.revert ${number}`,
    subject: 'config',
    before: null,
    after: { number, version: wanted.version },
  })
  return publishChange(gateway, make, base)
}
