/** Shares as people write them. */
import { CliError } from '../cli-error.ts'

/** `25%`, `25` or `0.5%` in ppm. */
export function ppmOf(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1] ?? Number.NaN)
  const ppm = Math.round(percent * 10_000)
  if (!(ppm >= 0 && ppm <= 1_000_000))
    throw new CliError('usage', `"${text}" is not a share; write a percentage from 0% to 100%, such as 25%.`)
  return ppm
}

/** ppm as a percentage. */
export const percentOf = (ppm: number): string => `${Number((ppm / 10_000).toFixed(4))}%`
