/** How many of independent trials, each with a chance of its own, come out: the counts that are no surprise. */

/** Counts, both included. */
export interface Band {
  low: number
  high: number
}

/** The chance of each count: of the trials so far, one after another. */
function counts(chances: readonly number[]): number[] {
  let all = [1]
  for (const chance of chances) {
    const next = [...all.map((one) => one * (1 - chance)), 0]
    all.forEach((one, count) => {
      next[count + 1]! += one * chance
    })
    all = next
  }
  return all
}

/**
 * The counts outside of which lies at most `1 − level`, half of it on each side; of equal chances the binomial's.
 *
 * @param chances of each trial
 * @param level such as 0.99
 */
export function binomialBand(chances: readonly number[], level: number): Band {
  const all = counts(chances)
  const side = (1 - level) / 2
  const cut = (some: readonly number[]): number => {
    let sum = 0
    return some.findIndex((one) => {
      sum += one
      return sum > side
    })
  }
  return { low: cut(all), high: all.length - 1 - cut([...all].reverse()) }
}
