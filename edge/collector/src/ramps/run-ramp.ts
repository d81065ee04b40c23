/** One turn of one ramp: reads what there is, decides, and writes the decision in one transaction. */
import type { ConfigDefinition, Json } from '@nunchi/protocol'
import type { Revisions } from '../manage/change.ts'
import { type Gateway, type Publication, publishChange } from '../manage/publisher.ts'
import { Problem } from '../problem.ts'
import type { Storage } from '../storage/storage.ts'
import { decided } from './changes.ts'
import { type Counted, type Decision, decide } from './decide.ts'
import { broken } from './intact.ts'
import { brokenRatio, progressOf } from './progress.ts'
import type { Ramp, RampReason, RampState, StepUnits } from './ramp.ts'
import type { StepSummary } from './strata.ts'
import { reasons } from './words.ts'

/** What a turn changed; what `onRamp` is told. */
export interface RampChange {
  id: string
  projectId: string
  environment: string
  kind: Ramp['kind']
  /** The flag's or experiment's key. */
  key: string
  experiment: string
  does: 'advance' | 'finish' | 'roll back' | 'pause' | 'end'
  state: RampState
  /** From 0: the step it was in, and the one it is in now. */
  from: number
  step: number
  /** In ppm, of that step; after a rollback 0. */
  share: number
  reason: RampReason
  /** The figures of the look that it was decided on. */
  look?: Decision['look']
}

interface Ground {
  ramp: Ramp
  units: StepUnits[]
  config: { number: number; version: string; definition: ConfigDefinition; revisions: Revisions }
}

type Written = { error?: string; number?: number }

const states: { [does in Decision['does']]: RampState } = {
  wait: 'running',
  hold: 'running',
  advance: 'running',
  finish: 'done',
  'roll back': 'rolled_back',
  pause: 'paused',
  end: 'stopped',
}

async function decisionOf(storage: Storage, { ramp, units, config }: Ground): Promise<Decision> {
  const changed = broken(ramp, config.definition)
  if (changed) return { does: 'end', reason: changed }
  const ratio = brokenRatio(ramp, units)
  if (ratio !== undefined) return { does: 'pause', reason: reasons.sampleRatio(ratio) }
  const progress = progressOf(ramp, units)
  if (!progress.due) return { does: 'wait', reason: progress.waits }
  const counted: Counted[] = []
  // One after the other: each may read weeks of events, and there are few connections.
  for (const guardrail of ramp.plan.guardrails) {
    const { metric: _metric, plan } = guardrail
    counted.push({
      guardrail,
      summary: await storage.call<StepSummary>('ramp_summary', { id: ramp.id, plan }),
    })
  }
  return decide(ramp, progress, counted)
}

/** Writes a decision. @returns whether this turn was the one that wrote it */
async function write(storage: Storage, ramp: Ramp, decision: Decision, step: number): Promise<boolean> {
  const { does, reason, look } = decision
  const args = { id: ramp.id, turn: ramp.turn, state: states[does], step, reason, look }
  const told = { id: ramp.id, reason, ...(look ? { look } : {}) } as unknown as Json
  const change =
    does === 'advance' || does === 'finish' || does === 'roll back' ? decided(ramp, does, told) : undefined
  if (!change) {
    const audit = {
      action: `ramp.${does === 'end' ? 'end' : does === 'pause' ? 'pause' : 'finish'}`,
      before: { state: ramp.state, step: ramp.step },
      after: { state: states[does], step, decision: told },
    }
    const { error } = await storage.call<Written>('decide_ramp', { ...args, ...audit })
    return error === undefined
  }
  let stale = false
  const gateway: Gateway = {
    async read() {
      const ground = await storage.call<Ground>('ramp_ground', { id: ramp.id })
      // Changed by hand since it was read: the next turn ends the ramp, and says why.
      if (broken(ramp, ground.config.definition)) throw new Problem('config_conflict')
      return ground.config
    },
    versions: async () => [],
    async write(publication: Publication) {
      const { error, number = 0 } = await storage.call<Written>('decide_ramp', { ...args, publication })
      if (error === 'config_conflict') return { conflict: number }
      if (error === 'ramp_not_allowed')
        throw new Problem('config_not_allowed', {
          detail:
            'the config in force was not published by this version; publish any change by hand, and resume.',
        })
      stale = error !== undefined
      return { number }
    },
  }
  await publishChange(gateway, change)
  return !stale
}

/**
 * Gives a ramp its turn. What was decided is committed whole or not at all; a turn that somebody else took
 * meanwhile writes nothing.
 *
 * @returns what it changed, if anything
 */
export async function runRamp(storage: Storage, id: string): Promise<RampChange | undefined> {
  const ground = await storage.call<Ground | null>('ramp_ground', { id })
  if (ground?.ramp.state !== 'running') return undefined
  const { ramp } = ground
  const { projectId, environment, kind, key, experiment, plan } = ramp
  const decision = await decisionOf(storage, ground)
  const { does, reason, look } = decision
  // A wait that says what it said before needs no row.
  if (does === 'wait' && reason.en === ramp.reason.en) return undefined
  const moves = does === 'advance' || (does === 'finish' && plan.steps[ramp.step + 1] !== undefined)
  const step = moves ? ramp.step + 1 : ramp.step
  const wrote = await write(storage, ramp, decision, step).catch(async (error: unknown) => {
    if (!(error instanceof Problem) || error.code === 'config_conflict') throw error
    const refused: Decision = { does: 'pause', reason: reasons.refused(error.message) }
    return (await write(storage, ramp, refused, ramp.step)) ? refused : false
  })
  if (wrote === false || does === 'wait' || does === 'hold') return undefined
  const about = { id, projectId, environment, kind, key, experiment, from: ramp.step }
  if (wrote !== true)
    return {
      ...about,
      does: 'pause',
      state: 'paused',
      step: ramp.step,
      share: plan.steps[ramp.step]!.share,
      reason: wrote.reason,
    }
  const share = does === 'roll back' ? 0 : plan.steps[step]!.share
  return { ...about, does, state: states[does], step, share, reason, ...(look ? { look } : {}) }
}
