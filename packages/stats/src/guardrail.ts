/** Whether a guardrail is clearly hurt: compared within strata, combined, and looked at often with one error over all looks. */
import { normalSf } from './distributions/normal.ts'
import { groupSequentialBounds, spentAlpha } from './methods/group-sequential.ts'
import { postStratified, type Stratum } from './methods/post-stratification.ts'
import { type Answer, give, isLevel, type Proportion, proportionFault, refuse } from './summary.ts'

/** What was planned of a guardrail. */
export interface Guardrail {
  /** Which way is better. @default 'increase' */
  direction?: 'increase' | 'decrease'
  /** How much worse than the control it may be, as a share of the control: 0.01 is one per cent. @default 0 */
  margin?: number
  /** The chance to call an unhurt one hurt, over all looks, one-sided. @default 0.05 */
  alpha?: number
  /**
   * The share of alpha spent up to this look, between 0 and 1 and decided by nothing that was seen but how many came. Takes
   * the place of Pocock's function of the progress.
   */
  spent?: number
}

/** What of a look the next ones need. */
export interface GuardrailLook {
  /** The variance of N·difference, which only grows: how much has been seen, in the metric's unit squared. */
  information: number
  /** The error spent up to this look. */
  spent: number
}

/** A guardrail at one look. */
export interface GuardrailTest extends GuardrailLook {
  meanControl: number
  meanTreatment: number
  /** Treatment − control in the metric's unit, without the margin. */
  difference: number
  se: number
  /** Standard errors beyond the margin, in the harmful direction. */
  z: number
  /** At which z it is hurt at this look. */
  bound: number
  /** One-sided, of this look alone. */
  pValue: number
  hurt: boolean
}

/**
 * A stratum of two rates, each with the variance of both together as under no difference (the score test's): a rate of 0
 * has an error too. In units.
 *
 * When not to use it: for intervals around a difference that is there (give `postStratified` each arm's own moments).
 */
export function rateStratum(control: Proportion, treatment: Proportion): Answer<Stratum> {
  const fault = proportionFault(control, treatment)
  if (fault) return refuse(fault)
  const rate = (control.successes + treatment.successes) / (control.n + treatment.n)
  const variance = rate * (1 - rate)
  const arm = ({ n, successes }: Proportion) => ({ n, mean: successes / n, variance })
  return give({ control: arm(control), treatment: arm(treatment) })
}

/** A clock that strictly grows, ending at 1: looks that brought hardly anything count as a ten-thousandth. */
function fractionsOf(information: readonly number[]): number[] {
  const last = information.at(-1)!
  let t = 0
  const clock = information.map((v) => {
    t = Math.max(v / last, t + 2e-4)
    return t
  })
  return clock.map((at) => at / t)
}

/** By how much the control is multiplied to stand where the margin ends. */
function tolerated({ direction = 'increase', margin = 0 }: Guardrail, control: number): number {
  return (direction === 'increase') === control >= 0 ? 1 - margin : 1 + margin
}

/**
 * Tests whether a guardrail is hurt, at one of several looks. Within each stratum the treatment is compared with the
 * control (scaled by the margin), the strata are weighted by their units (`postStratified`), and the bound is that of a
 * one-sided group sequential test whose error is spent by `progress` along Pocock's function (Lan & DeMets 1983; by a clock
 * of its own, 1989), or as `spent` says. N·difference is a sum over units, so that it has independent increments in the clock of its own
 * variance, whatever the arms' shares in each stratum: the looks' correlation needs no sample size planned ahead.
 *
 * When not to use it: to claim that a treatment is harmless (that it is not clearly hurt is no proof), at looks that were
 * chosen for what was seen, or with fewer than some ten conversions.
 *
 * @param strata the moments of both arms in each, at least two units an arm
 * @param guardrail what was planned
 * @param progress how much of the whole plan is over, between 0 and 1; nothing of the data may decide it but how many came
 * @param earlier the looks before, in order
 */
export function guardrailTest(
  strata: readonly Stratum[],
  guardrail: Guardrail,
  progress: number,
  earlier: readonly GuardrailLook[] = [],
): Answer<GuardrailTest> {
  const { direction = 'increase', margin = 0, alpha = 0.05 } = guardrail
  if (!isLevel(alpha)) return refuse('bad-alpha')
  const share = guardrail.spent ?? spentAlpha(progress, 1, 'pocock')
  if (![progress, share].every((one) => one >= 0 && one <= 1)) return refuse('bad-input')
  if (!(margin >= 0 && margin < 1)) return refuse('bad-input')
  const plain = postStratified(strata)
  if (!plain.ok) return plain
  const factor = tolerated(guardrail, plain.meanControl)
  const shifted = postStratified(
    strata.map(({ control: { n, mean, variance }, treatment }) => ({
      control: { n, mean: factor * mean, variance: factor ** 2 * variance },
      treatment,
    })),
  )
  if (!shifted.ok) return shifted
  const units = strata.reduce((sum, { control, treatment }) => sum + control.n + treatment.n, 0)
  const information = (units * shifted.se) ** 2
  const spent = Math.max(earlier.at(-1)?.spent ?? 0, alpha * share)
  const looks = [...earlier, { information, spent }]
  const bounds = groupSequentialBounds({
    fractions: fractionsOf(looks.map((look) => look.information)),
    spent: looks.map((look) => look.spent),
    sided: 1,
    nodes: 8,
  })
  if (!bounds.ok) return bounds
  const z = direction === 'increase' ? -shifted.z : shifted.z
  const bound = bounds.z.at(-1)!
  return give({
    meanControl: plain.meanControl,
    meanTreatment: plain.meanTreatment,
    difference: plain.difference,
    se: plain.se,
    z,
    bound,
    pValue: normalSf(z),
    hurt: z >= bound,
    information,
    spent,
  })
}
