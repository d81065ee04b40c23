/** Group sequential bounds: some planned looks that spend one error among them (Lan & DeMets). */
import { normalIsf, normalPdf, normalSf } from '../distributions/normal.ts'
import { gaussLegendre, type Rule } from '../distributions/quadrature.ts'
import { root } from '../distributions/root.ts'
import { type Answer, give, isLevel, refuse } from '../summary.ts'

/** How the error is spent: hardly anything early (O'Brien–Fleming), or evenly (Pocock). */
export type Spending = 'obrien-fleming' | 'pocock'

/** What a group sequential test is planned as. */
export interface SequentialPlan {
  /** The share of the planned sample at each look so far, ascending, the last at most 1. */
  fractions: readonly number[]
  /** The error over all looks. @default 0.05 */
  alpha?: number
  /** @default 'obrien-fleming' */
  spending?: Spending
  /** 2 for both directions, 1 for an improvement only. @default 2 */
  sided?: 1 | 2
  /** Points for every four standard deviations of a step: 16 give twelve digits, 8 six. @default 16 */
  nodes?: 8 | 16
  /**
   * The error spent up to each look, where another clock than the sample decides (Lan & DeMets 1989): as many as
   * fractions, not falling, below 1. Takes the place of alpha and spending.
   */
  spent?: readonly number[]
}

/** Where to stop. */
export interface SequentialBounds {
  /** At each look: stop when |z| (one-sided: z) reaches it. */
  z: number[]
  /** At each look: the ordinary p that its bound stands for. */
  nominalAlpha: number[]
  /** The error spent up to each look. */
  cumulativeAlpha: number[]
}

/**
 * The error spent up to a share t of the sample (Lan & DeMets 1983): O'Brien–Fleming 2 − 2Φ(z_{α/2}/√t), per side;
 * Pocock α·ln(1 + (e − 1)·t).
 *
 * When not to use it: as the level of a single look. `groupSequentialBounds` takes into account what earlier looks share.
 *
 * @param t share of the planned sample, between 0 and 1
 * @param alpha the whole error
 * @param sided 2 doubles O'Brien–Fleming's spending of half the error, as ldbounds and gsDesign do
 */
export function spentAlpha(
  t: number,
  alpha: number,
  spending: Spending = 'obrien-fleming',
  sided: 1 | 2 = 2,
): number {
  if (t <= 0) return 0
  if (t >= 1) return alpha
  return spending === 'pocock'
    ? alpha * Math.log1p((Math.E - 1) * t)
    : 2 * sided * normalSf(normalIsf(alpha / sided / 2) / Math.sqrt(t))
}

/** The density of the score process √t·Z among those who went on, at its nodes, each with its weight. */
interface Going {
  t: number
  at: number[]
  mass: number[]
}

/** The chance to cross ±bound at time t (one-sided: above it) after going on so far. */
function crossing({ t: before, at, mass }: Going, t: number, bound: number, sided: 1 | 2): number {
  const sd = Math.sqrt(t - before)
  const edge = bound * Math.sqrt(t)
  // From further below than this nobody crosses who counts: the likeliest way there is shorter than the bound.
  const reach = Math.abs(bound) + 9
  let sum = 0
  for (let i = at.length - 1; i >= 0; i--) {
    const away = (edge - at[i]!) / sd
    if (away > reach) break
    sum += mass[i]! * normalSf(away)
  }
  // In both directions the density is the same on both sides.
  return sided * sum
}

/** Those who go on after a look at time t with this bound. */
function goOn(going: Going, t: number, bound: number, far: number, sided: 1 | 2, rule: Rule): Going {
  const sd = Math.sqrt(t - going.t)
  const high = Math.min(bound, far) * Math.sqrt(t)
  const low = -(sided === 2 ? Math.min(bound, far) : far) * Math.sqrt(t)
  const panels = Math.ceil((high - low) / (4 * sd))
  const half = (high - low) / panels / 2
  const at: number[] = []
  const mass: number[] = []
  let first = 0
  for (let panel = 0; panel < panels; panel++)
    for (let i = rule.nodes.length - 1; i >= 0; i--) {
      const s = low + half * (2 * panel + 1 + rule.nodes[i]!)
      while (first < going.at.length && s - going.at[first]! > (far + 1) * sd) first++
      let density = 0
      for (let k = first; k < going.at.length; k++) {
        const away = (s - going.at[k]!) / sd
        if (away < -far - 1) break
        density += going.mass[k]! * normalPdf(away)
      }
      at.push(s)
      mass.push(((rule.weights[i]! * half) / sd) * density)
    }
  return { t, at, mass }
}

function boundAt(going: Going, t: number, toSpend: number, sided: 1 | 2): number {
  // Nothing left to spend at this look, such as a look twice at the same data.
  if (toSpend <= 0) return Number.POSITIVE_INFINITY
  const target = Math.log(toSpend)
  return root((z) => Math.log(crossing(going, t, z, sided)) - target, sided === 2 ? 0 : -10, 39)
}

/**
 * The bounds of a group sequential test with Lan & DeMets' (1983) error spending, by recursive integration (Armitage,
 * McPherson & Rowe 1969). The looks need not be even, nor known in advance: give the shares of the looks so far. The
 * interval at a look is the ordinary one at that look's nominal level.
 *
 * When not to use it: without a planned sample size (`confidenceSequence`), or for looks every minute (fifty are plenty;
 * looks closer than a ten-thousandth of the plan are refused).
 */
export function groupSequentialBounds(plan: SequentialPlan): Answer<SequentialBounds> {
  const { fractions, alpha = 0.05, spending = 'obrien-fleming', sided = 2, nodes = 16, spent: given } = plan
  if (!isLevel(alpha)) return refuse('bad-alpha')
  if (
    given &&
    !(given.length === fractions.length && given.every((a, i) => a >= (given[i - 1] ?? 0) && a < 1))
  )
    return refuse('bad-alpha')
  if (fractions.length === 0) return refuse('no-units')
  if (fractions.some((t, i) => !(t >= (fractions[i - 1] ?? 0) + 1e-4 && t <= 1 + 1e-9)))
    return refuse('bad-input')
  const rule = gaussLegendre(nodes)
  let going: Going = { t: 0, at: [0], mass: [1] }
  const bounds: SequentialBounds = { z: [], nominalAlpha: [], cumulativeAlpha: [] }
  let spent = 0
  for (const [look, t] of fractions.entries()) {
    const cumulative = given?.[look] ?? spentAlpha(t, alpha, spending, sided)
    const z = boundAt(going, t, cumulative - spent, sided)
    bounds.z.push(z)
    bounds.nominalAlpha.push(sided * normalSf(z))
    bounds.cumulativeAlpha.push(cumulative)
    // Nobody is further out than a hundred-millionth of what is spent here.
    const far = Math.max(8.5, normalIsf(Math.max(1e-300, (cumulative - spent) * 1e-8)))
    spent = cumulative
    going = goOn(going, t, z, far, sided, rule)
  }
  return give(bounds)
}
