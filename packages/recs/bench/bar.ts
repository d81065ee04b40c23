/** A figure beside what it must reach. */

/** One figure of a bench. */
export interface Bar {
  what: string
  value: number
  atLeast?: number
  atMost?: number
  /** What was published for the same work. */
  published?: string
}

/** Whether a figure reaches its bar; one without a bar always does. */
export function holds({ value, atLeast, atMost }: Bar): boolean {
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
}

/** Prints figures with their bars. */
export function printBars(bars: readonly Bar[]): void {
  for (const bar of bars) {
    const limit = [
      bar.atLeast === undefined ? '' : `≥ ${bar.atLeast}`,
      bar.atMost === undefined ? '' : `≤ ${bar.atMost}`,
      bar.published ? `published ${bar.published}` : '',
    ]
    const sentence = limit.filter(Boolean).join(', ')
    console.log(
      `${holds(bar) ? ' ' : '✗'} ${bar.value.toFixed(4).padStart(9)}  ${bar.what.padEnd(58)} ${sentence}`,
    )
  }
  console.log()
}
