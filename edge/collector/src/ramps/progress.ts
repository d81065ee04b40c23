/** How far a step has come, and whether it is time to look. Nothing of what visitors did decides it but how many came. */
import { sampleRatioSequential } from '@nunchi/stats'
import { type Ramp, type RampReason, type StepUnits, watched } from './ramp.ts'
import { reasons } from './words.ts'

/** When to look within each step, as shares of its least time and units: early, so that what is badly broken is back soon. */
export const looksAt: readonly number[] = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1]

/** How many of these moments are over. */
const passed = (progress: number): number => looksAt.filter((at) => progress >= at - 1e-9).length

/** Below this p, at any look, assignment is broken. Twice: in this step, and in all together. */
const brokenBelow = 0.0005

/** How far a ramp is. */
export interface Progress {
  /** Of the step: 1 where its least time and units are over. */
  step: number
  /** Of the whole plan. */
  plan: number
  /** Whether a look is due. */
  due: boolean
  /** What the step still waits for. */
  waits: RampReason
}

const total = (units: readonly StepUnits[]): number => units.reduce((sum, one) => sum + one.units, 0)

/** Where it stands. */
export function progressOf(ramp: Ramp, units: readonly StepUnits[]): Progress {
  const { plan, step, now } = ramp
  const { leastMs, leastUnits } = plan.steps[step]!
  const startedAt = ramp.steps.find((one) => one.step === step)?.startedAt ?? ramp.startedAt
  const came = total(units.filter((one) => one.step === step))
  const share = (part: number, all: number): number => (all > 0 ? Math.min(1, part / all) : 1)
  const time = share(now - startedAt, leastMs)
  // Of nobody nothing can be seen, however few were asked for.
  const at = came === 0 ? 0 : Math.min(time, share(came, leastUnits))
  const whole = (step + at) / watched(plan)
  const seen = ramp.looks.filter((look) => look.step === step).at(-1)
  const last = seen ? passed(seen.progress * watched(plan) - step) : 0
  return {
    step: at,
    plan: Math.min(1, whole),
    // A step that is over is looked at until it is decided.
    due: at >= 1 || passed(at) > last,
    waits:
      came === 0
        ? reasons.noExposures()
        : came < leastUnits
          ? reasons.moreUnits(came, leastUnits)
          : reasons.moreTime(Math.ceil((leastMs - (now - startedAt)) / 60_000)),
  }
}

/** The p of the arms' shares where it is so small that assignment is broken, at every look at once. */
export function brokenRatio({ plan, step }: Ramp, units: readonly StepUnits[]): number | undefined {
  const arms = Object.entries(plan.weights).filter(([, weight]) => weight > 0)
  const ask = (some: readonly StepUnits[]): number => {
    const sizes = arms.map(([key]) => total(some.filter(({ variant }) => variant === key)))
    const test = sampleRatioSequential(
      sizes,
      arms.map(([, weight]) => weight),
    )
    return test.ok ? test.pValue : 1
  }
  const pValue = Math.min(ask(units), ask(units.filter((one) => one.step === step)))
  return pValue < brokenBelow ? pValue : undefined
}
