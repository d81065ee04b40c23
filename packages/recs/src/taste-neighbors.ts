/** What people of the same taste said about somebody, beyond what is known of everybody. */

/** What one person's decision about another was more (or less) than expected. */
export interface Residual {
  from: number
  to: number
  residual: number
}

/** What neighbors say, in log odds. */
export interface TasteNeighbors {
  /** How much a neighbor's surprise counts, learned from the decisions; 0 where neighbors tell nothing. */
  weight: number
  /** What neighbors of `from` say about `to`; 0 where nobody is known. */
  of(from: number, to: number): number
}

/** How many of those who decided about somebody are asked. */
const mostDeciders = 100

/** How many neighbors each person has. */
const mostNeighbors = 100

/** Residuals of each person, by the person decided about. */
function byPerson(residuals: readonly Residual[]): Map<number, Map<number, number>> {
  const found = new Map<number, Map<number, number>>()
  for (const { from, to, residual } of residuals) {
    const theirs = found.get(from)
    if (theirs) theirs.set(to, residual)
    else found.set(from, new Map([[to, residual]]))
  }
  return found
}

/** The correlation of two people's surprises over those whom both decided about, but for `leaveOut`; shrunk. */
function alike(
  one: Map<number, number>,
  other: Map<number, number>,
  leaveOut: number,
  shrinkage: number,
): number {
  let [both, a, b] = [0, 0, 0]
  for (const [to, residual] of one) {
    const theirs = other.get(to)
    if (theirs === undefined || to === leaveOut) continue
    both += residual * theirs
    a += residual ** 2
    b += theirs ** 2
  }
  return both / (Math.sqrt(a * b) + shrinkage)
}

/**
 * Neighbors in taste: Σ over others who decided about `to` of likeness · their residual ÷ (Σ |likeness| + 1), with
 * likeness = the cosine of two people's residuals, shrunk. Weighed by the least-squares slope of the decisions' own
 * residuals on what their neighbors say, each decision left out of its own likeness; never below 0.
 *
 * Source: user-based neighbors on residuals, Bell and Koren (ICDM 2007), section 4.
 *
 * @returns slices of work; the last one answers the neighbors
 * @param shrinkage in units of squared residuals: about a quarter for each person whom both decided about. @default 1
 */
export function* tasteNeighbors(
  residuals: readonly Residual[],
  shrinkage = 1,
): Generator<unknown, TasteNeighbors> {
  const people = byPerson(residuals)
  const deciders = new Map<number, number[]>()
  for (const { from, to } of residuals) {
    const theirs = deciders.get(to)
    if (!theirs) deciders.set(to, [from])
    // A hundred of them say as much about somebody as all would.
    else if (theirs.length < mostDeciders) theirs.push(from)
  }
  const near = new Map<number, Map<number, number>>()
  const nearOf = (from: number): Map<number, number> => {
    const known = near.get(from)
    if (known) return known
    const own = people.get(from)!
    const others = new Set([...own.keys()].flatMap((to) => deciders.get(to) ?? []))
    others.delete(from)
    const found = [...others].map((other) => [other, alike(own, people.get(other)!, -1, shrinkage)] as const)
    found.sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    const kept = new Map(found.slice(0, mostNeighbors))
    near.set(from, kept)
    return kept
  }
  const likeness = (from: number, other: number, to: number): number => {
    const own = people.get(from)!
    // A decision about the same person has to be left out; all else is asked for again and again.
    return own.has(to) ? alike(own, people.get(other)!, to, shrinkage) : (nearOf(from).get(other) ?? 0)
  }
  const say = (from: number, to: number): number => {
    if (!people.has(from)) return 0
    let [sum, weights] = [0, 0]
    for (const other of deciders.get(to) ?? []) {
      if (other === from) continue
      const like = likeness(from, other, to)
      sum += like * people.get(other)!.get(to)!
      weights += Math.abs(like)
    }
    return sum / (weights + 1)
  }
  let [products, squares] = [0, 0]
  // The slope of two numbers: ten thousand decisions tell it.
  const step = Math.ceil(residuals.length / 10_000)
  for (let i = 0; i < residuals.length; i += step) {
    const { from, to, residual } = residuals[i]!
    const said = say(from, to)
    products += said * residual
    squares += said ** 2
    if (i % 64 === 0) yield
  }
  // A residual is a difference of probabilities; about 1/4 of a unit of log odds in the middle.
  const weight = squares > 0 ? Math.max(0, (4 * products) / (squares + 1)) : 0
  return { weight, of: (from, to) => (weight === 0 ? 0 : weight * say(from, to)) }
}
