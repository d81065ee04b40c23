/** The p of a group sequential test that may be compared with the level at any look. */
import { normalIsf, normalSf } from '../distributions/normal.ts'
import { root } from '../distributions/root.ts'
import { groupSequentialBounds, type Spending } from '../methods/group-sequential.ts'
import { type Answer, give } from '../summary.ts'

/** What a level over all looks leaves to this one: the bound of |z|, and the level of a single test. */
export type Nominal = (level: number) => Answer<{ z: number; alpha: number }>

/** Asks for bounds, each level once: metrics of one look share them. */
export function nominals(fractions: readonly number[], spending: Spending = 'obrien-fleming'): Nominal {
  const known = new Map<number, ReturnType<Nominal>>()
  return (level) => {
    const before = known.get(level)
    if (before) return before
    const bounds = groupSequentialBounds({ fractions, alpha: level, spending, nodes: 8 })
    const answer = bounds.ok ? give({ z: bounds.z.at(-1)!, alpha: bounds.nominalAlpha.at(-1)! }) : bounds
    known.set(level, answer)
    return answer
  }
}

const highest = 0.9999

/**
 * The smallest error over all looks at which this look's bound is reached (Jennison & Turnbull's repeated p).
 *
 * @param z of this look's test
 * @param ask what each level leaves to this look
 */
export function repeatedP(z: number, ask: Nominal): number {
  const short = (x: number): number => {
    const answer = ask(2 * normalSf(x))
    return answer.ok ? answer.z - z : Number.NaN
  }
  const lowest = normalIsf(highest / 2)
  if (!(z > 0) || short(lowest) > 0) return 1
  // On the scale of z the bound is nearly a straight line, so that secants are there after a few steps.
  let [a, b] = [Math.min(z, 36), Math.min(z, 36) * 0.98]
  let [fa, fb] = [short(a), short(b)]
  for (let i = 0; i < 8 && Math.abs(fb) > 1e-9 * z; i++) {
    const next = b - (fb * (b - a)) / (fb - fa)
    if (!(next > lowest && next <= 37)) return Math.min(1, 2 * normalSf(root(short, lowest, 37, 1e-10)))
    ;[a, fa, b] = [b, fb, next]
    fb = short(b)
  }
  if (!(Math.abs(fb) <= 1e-6 * z)) return Math.min(1, 2 * normalSf(root(short, lowest, 37, 1e-10)))
  return Math.min(1, 2 * normalSf(b))
}
