/** What becomes of a ramp at a look: a pure function of its plan, its earlier looks and what was counted. */
import { guardrailTest } from '@nunchi/stats'
import { unreadable } from '../results/set-apart.ts'
import type { Progress } from './progress.ts'
import { type Ramp, type RampGuardrail, type RampReason, type RampTest, whole } from './ramp.ts'
import { spentBy } from './spending.ts'
import { type StepSummary, type Strata, strataOf } from './strata.ts'
import { reasons } from './words.ts'

/** What is done. `hold` is a look after which the step goes on; `wait` is none. */
export interface Decision {
  does: 'wait' | 'hold' | 'advance' | 'finish' | 'roll back' | 'pause' | 'end'
  reason: RampReason
  /** The look that it is made on. */
  look?: { progress: number; tests: RampTest[]; decision: string }
}

/** A guardrail with what was counted of it. */
export interface Counted {
  guardrail: RampGuardrail
  summary: StepSummary
}

/** A sum that leaves many events out says nothing of its guardrail. */
function isFaulty({ plan: { control, treatments } }: Ramp, { arms, faults }: StepSummary): boolean {
  const units = (of: string): number =>
    arms.reduce((sum, { variant, units }) => sum + (variant === of ? units : 0), 0)
  return unreadable(
    faults,
    [control, ...treatments].map((variant) => ({ variant, units: units(variant) })),
  )
}

function testOf(
  ramp: Ramp,
  { guardrail, summary }: Counted,
  variant: string,
  level: number,
  progress: Progress,
): RampTest {
  const { metric, direction, margin, plan } = guardrail
  if (isFaulty(ramp, summary)) return { metric, variant, noResult: 'not-a-number' }
  const found: Strata = strataOf(plan.kind, summary, [ramp.plan.control, variant])
  if ('noResult' in found) return { metric, variant, noResult: found.noResult }
  const earlier = ramp.looks.flatMap(({ tests }) =>
    tests.filter((one) => one.metric === metric && one.variant === variant && one.noResult === undefined),
  ) as { information: number; spent: number }[]
  const spent = spentBy(ramp.plan, ramp.step, progress.step)
  const test = guardrailTest(found.strata, { direction, margin, alpha: level, spent }, progress.plan, earlier)
  if (!test.ok) return { metric, variant, noResult: test.reason }
  const { ok, ...figures } = test
  const { events, example } = summary.faults
  // JSON has no infinity: a look that spends nothing can hurt nobody.
  return {
    metric,
    variant,
    ...figures,
    bound: Math.min(figures.bound, 1e9),
    ...(events > 0 && { setApart: { events, example } }),
  }
}

/** What keeps a step that is over from its end: a guardrail of which it cannot be said that it holds. */
function missing({ plan }: Ramp, tests: readonly RampTest[]): RampReason | undefined {
  // Of what should not happen, such as errors, hardly anything is good news.
  const open = tests.filter(
    ({ metric, noResult }) =>
      noResult !== undefined &&
      !(
        plan.guardrails.find((one) => one.metric === metric)?.direction === 'decrease' &&
        (noResult === 'few' || noResult === 'no-variance')
      ),
  )
  const few = open.filter(({ noResult }) => noResult === 'few')
  if (few.length > 0) return reasons.few([...new Set(few.map(({ metric }) => metric))])
  const [other] = open
  return other && reasons.unreadable(other.metric, String(other.noResult))
}

function stepOver(ramp: Ramp): Pick<Decision, 'does' | 'reason'> {
  const { steps, winner } = ramp.plan
  const next = steps[ramp.step + 1]
  if (!next) return { does: 'finish', reason: reasons.done() }
  return winner !== undefined && next.share >= whole
    ? { does: 'finish', reason: reasons.done() }
    : { does: 'advance', reason: reasons.advanced(next.share) }
}

/**
 * Decides at a look that is due. The error is shared out evenly among guardrails and treatments, and spent along the plan (`spentBy`).
 *
 * @param counted every guardrail of the plan
 */
export function decide(ramp: Ramp, progress: Progress, counted: readonly Counted[]): Decision {
  const { treatments, alpha } = ramp.plan
  const level = alpha / Math.max(1, counted.length * treatments.length)
  const fault = counted.find(({ summary }) => isFaulty(ramp, summary))
  const tests = counted.flatMap((one) =>
    treatments.map((variant) => testOf(ramp, one, variant, level, progress)),
  )
  const made = (does: Decision['does'], reason: RampReason): Decision => ({
    does,
    reason,
    look: { progress: progress.plan, tests, decision: does },
  })
  const hurt = tests.find((one) => one.noResult === undefined && one.hurt)
  if (hurt && hurt.noResult === undefined)
    return made(
      'roll back',
      reasons.hurt(hurt.metric, hurt.meanControl, hurt.meanTreatment, hurt.z, hurt.bound),
    )
  if (fault) {
    const { events, example } = fault.summary.faults
    return { does: 'pause', reason: reasons.notANumber(fault.guardrail.metric, events, example ?? '') }
  }
  if (progress.step < 1) return made('hold', reasons.holds())
  const open = missing(ramp, tests)
  const looked = ramp.looks.at(-1)?.progress === progress.plan
  // Nothing new to write down: what was looked at at the end of the step stays until the rest has come.
  if (open) return looked ? { does: 'wait', reason: open } : made('hold', open)
  const { does, reason } = stepOver(ramp)
  return made(does, reason)
}
