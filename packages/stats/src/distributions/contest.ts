/** Which of several independent posteriors is the largest, and what choosing each would cost: by quadrature, no draws. */
import { betaTerm, incompleteBeta } from './beta.ts'
import { normalPdf, normalSf } from './normal.ts'
import { gaussLegendre } from './quadrature.ts'

/** A posterior over a variable u that may be stretched: x(u) with the slope dx/du. */
interface Contestant {
  centre: number
  /** Width of a panel within which it is smooth. */
  panel: number
  /** How far it reaches to each side. */
  left: number
  right: number
  /** [density of u, P(U ≤ u), P(U > u)] */
  at(u: number): [number, number, number]
}

/** A field of contestants over one variable. */
export interface Field {
  contestants: Contestant[]
  slope(u: number): number
}

/** Who is the largest. */
export interface Contest {
  /** P(each is the largest). */
  probabilities: number[]
  /** E(largest − each): what is lost on average by choosing it. */
  losses: number[]
}

/** Beta posteriors, over the log odds. */
export function betaField(shapes: readonly (readonly [number, number])[]): Field {
  const x = (u: number): number => 1 / (1 + Math.exp(-u))
  return {
    slope: (u) => x(u) * x(-u),
    contestants: shapes.map(([a, b]) => {
      const sd = Math.sqrt(1 / a + 1 / b)
      return {
        centre: Math.log(a / b),
        // Five at most: the logistic function has poles at ±πi.
        panel: Math.min(4 * sd, 5),
        left: Math.min(740, Math.max(40 * sd, 45 / a)),
        right: Math.min(740, Math.max(40 * sd, 45 / b)),
        at(u) {
          const [p, q] = [x(u), x(-u)]
          const low = a * q >= b * p
          const tail = low ? incompleteBeta(a, b, p, q) : incompleteBeta(b, a, q, p)
          return [p > 0 && q > 0 ? betaTerm(a, b, p, q) : 0, low ? tail : 1 - tail, low ? 1 - tail : tail]
        },
      }
    }),
  }
}

/** Normal posteriors, over the value itself. */
export function normalField(shapes: readonly { mean: number; sd: number }[]): Field {
  return {
    slope: () => 1,
    contestants: shapes.map(({ mean, sd }) => ({
      centre: mean,
      panel: 4 * sd,
      left: 40 * sd,
      right: 40 * sd,
      at(u) {
        const z = (u - mean) / sd
        return [normalPdf(z) / sd, normalSf(-z), normalSf(z)]
      },
    })),
  }
}

function panels({ contestants }: Field): number[] {
  const points = contestants.flatMap(({ centre, panel, left, right }) => {
    const below = Math.ceil(left / panel)
    return Array.from(
      { length: below + Math.ceil(right / panel) + 1 },
      (_, i) => centre + panel * (i - below),
    )
  })
  return points.sort((a, b) => a - b)
}

/**
 * P(i is the largest) = ∫ fᵢ·Πⱼ≠ᵢ Fⱼ, and E(largest − i) = ∫ Fᵢ·(1 − Πⱼ≠ᵢ Fⱼ) dx, both sums of positive terms, so
 * that small chances and losses keep their digits. Panels follow every posterior's own width.
 */
export function contest(field: Field): Contest {
  const { contestants, slope } = field
  const rule = gaussLegendre(20)
  const points = panels(field)
  const probabilities = contestants.map(() => 0)
  const losses = contestants.map(() => 0)
  for (let k = 1; k < points.length; k++) {
    const half = (points[k]! - points[k - 1]!) / 2
    for (let node = 0; half > 0 && node < 20; node++) {
      const u = points[k - 1]! + half * (1 + rule.nodes[node]!)
      const weight = half * rule.weights[node]!
      const each = contestants.map((one) => one.at(u))
      for (let i = 0; i < each.length; i++) {
        let others = 0
        for (let j = 0; j < each.length; j++) if (j !== i) others += logBelow(each[j]!)
        probabilities[i]! += weight * each[i]![0] * Math.exp(others)
        losses[i]! += weight * slope(u) * each[i]![1] * -Math.expm1(others)
      }
    }
  }
  return { probabilities, losses }
}

/** ln F from whichever tail is small. */
function logBelow([, below, above]: [number, number, number]): number {
  return above < 0.5 ? Math.log1p(-above) : Math.log(below)
}
