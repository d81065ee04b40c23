/** Figures beside their goals: said in lines, written as JSON, and their quantiles. */
import { writeFileSync } from 'node:fs'

/** A figure with the most that it may be. */
export interface Goal {
  what: string
  figure: number
  /** The most allowed. */
  goal: number
  unit: string
}

/** The value below which that share of the values lies; `NaN` of none. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** The middle one. */
export const median = (values: number[]): number => quantile(values, 0.5)

/** Three digits of a figure. */
export const short = (figure: number): string =>
  Math.abs(figure) >= 1000 ? Math.round(figure).toLocaleString('en') : String(Number(figure.toPrecision(3)))

/** Whether a figure is within its goal. */
export const reached = ({ figure, goal }: Goal): boolean => figure <= goal

/** Prints each figure beside its goal. */
export function printGoals(goals: Goal[]): void {
  for (const goal of goals)
    console.log(
      `  ${reached(goal) ? '✓' : '✗'} ${goal.what}: ${short(goal.figure)}${goal.unit}; goal ≤ ${short(goal.goal)}${goal.unit}`,
    )
}

/** Writes a result where `--json` asked for it. */
export function writeJson(file: string, result: object): void {
  if (file) writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
}
