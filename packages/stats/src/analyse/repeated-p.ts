/** The p of a group sequential test that may be compared with the level at any look. */
import { normalSf } from '../distributions/normal.ts'
import { root } from '../distributions/root.ts'
import { groupSequentialBounds, type Spending } from '../methods/group-sequential.ts'
import { type Answer, give } from '../summary.ts'

/** What a level over all looks leaves to this one: the bound of |z|, and the level of a single test. */
export type Nominal = (level: number) => Answer<{ z: number; alpha: number }>

/** Asks for bounds, each level once: the metrics of one look share them. */
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

/** Pieces of the z of the whole level, p from 0.9999 to 10⁻¹⁵, within each of which the bound is smooth. */
const pieces: readonly (readonly [number, number])[] = [
  [0.000125, 0.7],
  [0.7, 3],
  [3, 8],
]
const points = 8

const chebyshev = (i: number): number => Math.cos((Math.PI * (i + 0.5)) / points)

/** A smooth function by its values at Chebyshev's points of a piece (barycentric; Berrut & Trefethen 2004). */
function interpolated(
  f: (x: number) => number,
  [lowest, highest]: readonly [number, number],
): (x: number) => number {
  const half = (highest - lowest) / 2
  const at = Array.from({ length: points }, (_, i) => lowest + half * (1 + chebyshev(i)))
  const values = at.map(f)
  return (x) => {
    let [over, under] = [0, 0]
    for (let i = 0; i < points; i++) {
      if (x === at[i]) return values[i]!
      const weight = ((i % 2 === 0 ? 1 : -1) * Math.sin((Math.PI * (i + 0.5)) / points)) / (x - at[i]!)
      over += weight * values[i]!
      under += weight
    }
    return over / under
  }
}

/**
 * The smallest error over all looks at which this look's bound is reached (Jennison & Turnbull's repeated p), of any
 * number of metrics: the bound is a smooth, nearly straight function of the z of the level, asked at a few of them.
 *
 * @param ask what each level leaves to this look
 */
export function repeatedP(ask: Nominal): (z: number) => number {
  const exact = (x: number): number => {
    const answer = ask(2 * normalSf(x))
    return answer.ok ? answer.z : Number.NaN
  }
  const tables = new Map<readonly [number, number], (x: number) => number>()
  const tableOf = (piece: readonly [number, number]): ((x: number) => number) => {
    const table = tables.get(piece) ?? interpolated(exact, piece)
    tables.set(piece, table)
    return table
  }
  return (z) => {
    const piece = pieces.find(([, high]) => z < exact(high))
    if (!piece) return Math.min(1, 2 * normalSf(root((x) => exact(x) - z, 8, 37, 1e-9)))
    const bound = tableOf(piece)
    if (z > bound(piece[0])) return Math.min(1, 2 * normalSf(root((x) => bound(x) - z, ...piece)))
    return piece === pieces[0] ? 1 : 2 * normalSf(piece[0])
  }
}
