/** Starts, reads, pauses, resumes and stops ramps: what people do with them. */
import { uuidv7 } from '@nunchi/protocol'
import { conflict } from '../manage/change.ts'
import { invalid, publishChange } from '../manage/publisher.ts'
import { Problem } from '../problem.ts'
import { type Beginning, beginExperiment, beginFlag } from './changes.ts'
import type { RampGateway } from './gateway.ts'
import { guardrailsOf } from './plan.ts'
import type { Ramp, RampKind } from './ramp.ts'
import { type RampInput, rampMistakes } from './ramp-input.ts'
import { reasons } from './words.ts'

function none(kind: RampKind, key: string): Problem {
  return new Problem('config_not_found', {
    detail: `The ${kind} "${key}" has no ramp, and never had one.`,
    fix: 'Check the spelling, or start one.',
  })
}

/**
 * Starts a ramp: publishes its first step and begins to watch, in one transaction.
 *
 * @param input as it was sent
 * @throws a `Problem`: `config_invalid` with each mistake, `config_not_found`, `config_not_allowed`, `config_conflict`
 */
export async function startRamp(
  gateway: RampGateway,
  kind: RampKind,
  key: string,
  input: unknown,
): Promise<Ramp> {
  const mistakes = rampMistakes(input, kind)
  if (mistakes.length > 0) throw invalid(mistakes)
  const asked = input as RampInput
  const { ramp: last, metrics } = await gateway.read(kind, key)
  const open = (state: string): Problem =>
    conflict(`The ${kind} "${key}" has a ramp already, which is ${state}.`, 'Let it go on, or stop it first.')
  if (last?.state === 'running' || last?.state === 'paused') throw open(last.state)
  const guardrails = guardrailsOf(asked, metrics)
  const begin = (kind === 'flag' ? beginFlag : beginExperiment)(key, asked, guardrails)
  let begun: Beginning | undefined
  const config: typeof gateway.config = {
    ...gateway.config,
    async write(publication) {
      const { plan, experiment, revision } = begun!
      const [first] = plan.steps
      const ramp = { id: uuidv7()(), kind, key, experiment, revision, plan }
      const coverage = first!.coverage
      const written = await gateway.start(publication, {
        ...ramp,
        coverage,
        reason: reasons.begun(first!.share),
      })
      if ('open' in written) throw open('not over')
      return written
    },
  }
  await publishChange(config, (...now) => {
    begun = begin(...now)
    return begun.change
  })
  return rampOf(gateway, kind, key)
}

/**
 * The newest ramp of a flag or experiment.
 *
 * @throws a `Problem`: `config_not_found`
 */
export async function rampOf(gateway: RampGateway, kind: RampKind, key: string): Promise<Ramp> {
  const { ramp } = await gateway.read(kind, key)
  if (!ramp) throw none(kind, key)
  return ramp
}

/**
 * Pauses, resumes or stops a ramp by hand. The share stays as it is: to take it back, pause the experiment itself.
 *
 * @throws a `Problem`: `config_not_found`, `config_not_allowed`
 */
export async function moveRamp(
  gateway: RampGateway,
  kind: RampKind,
  key: string,
  to: 'running' | 'paused' | 'stopped',
): Promise<Ramp> {
  const moved = await gateway.move(kind, key, to, reasons.byHand(to))
  if (!moved) throw none(kind, key)
  if ('state' in moved)
    throw conflict(
      `The ramp of ${kind} "${key}" is ${moved.state.replace('_', ' ')}; it cannot become ${to}.`,
      'A running one can be paused or stopped, a paused one resumed or stopped; after its end start a new one.',
    )
  return moved.ramp
}
