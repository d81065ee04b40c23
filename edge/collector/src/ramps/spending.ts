/** How a ramp spends its error: a little evenly, most where the last people are who do not have it yet, a little after. */
import { type RampPlan, watched, whole } from './ramp.ts'

const hour = 3_600_000

/** Spent evenly along the steps, so that what is badly broken is taken back soon. */
const evenly = 0.1

/** Kept for the looks at which everybody has it. */
const kept = 0.04

/** Pocock's function (Lan & DeMets 1983). */
const pocock = (t: number): number => Math.log1p((Math.E - 1) * t)

/**
 * The share of the error that is spent up to a look: a tenth by Pocock's function of the steps, the rest by the third
 * power (Kim & DeMets 1987) of the visitors that the plan expects up to then, which is nearly O'Brien and Fleming's. So the last
 * look before everybody has it keeps nearly the whole level, and little harm is found as surely as by one test there.
 * Where the last step is of everybody and is watched, 4 % of the error are left for it: harm that so many would show is plain.
 *
 * @param step from 0
 * @param at how much of it is over, between 0 and 1
 * @returns between 0 and 1, not falling
 */
export function spentBy(plan: RampPlan, step: number, at: number): number {
  const all = plan.steps.slice(0, watched(plan))
  const partly = all.filter(({ share }) => share < whole)
  const steps = partly.length > 0 ? partly : all
  const after = all.length > steps.length ? kept : 0
  const over = (i: number): number => (i < step ? 1 : i === step ? Math.min(1, Math.max(0, at)) : 0)
  const come = steps.map(({ share, leastMs }) => share * Math.max(leastMs, hour))
  const sum = (of: (one: number, i: number) => number): number =>
    come.reduce((total, one, i) => total + of(one, i), 0)
  const early = pocock(sum((_, i) => over(i)) / steps.length)
  const expected = sum((one, i) => one * over(i)) / sum((one) => one)
  const before = evenly * early + (1 - evenly - after) * expected ** 3
  return Math.min(1, before + after * pocock(over(steps.length)))
}
