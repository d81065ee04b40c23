/** Runs what is made in slices to its end. */

/** What slices of work make, without a pause between them. */
export function inOneGo<Result>(slices: Generator<unknown, Result>): Result {
  for (let slice = slices.next(); ; slice = slices.next()) if (slice.done) return slice.value
}
