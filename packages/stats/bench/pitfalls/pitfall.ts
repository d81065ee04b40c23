/** A pitfall, and how its cells are written. */
import type { Proportion } from '../../src/index.ts'
import type { PeerAnswer, Sums } from './peers.ts'

/** One pitfall; all cells are text. */
export interface Pitfall {
  name: string
  asked: string
  gbstats: string
  posthog: string
  nunchi: string
  truth: string
}

/** A share. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
/** A p, as both peers and we would print it. */
export const tell = (p: number): string => (p === 0 ? '0' : p < 1e-4 ? p.toExponential(1) : p.toFixed(3))
/** What a peer answers as p. */
export const pOf = (answer: PeerAnswer): string =>
  'refuses' in answer ? `none: ${answer.refuses}` : `p = ${tell(answer.pValue)}`
/** What a peer answers as a chance to win. */
export const chanceOf = (answer: PeerAnswer): string =>
  'refuses' in answer ? `none: ${answer.refuses}` : `chance to win ${percent(answer.chanceToWin)}`
/** An arm as the peers take it. */
export const sums = ({ n, successes }: Proportion): Sums => ({ n, sum: successes })
/** Two arms of the same size. */
export const arms = (n: number, a: number, b: number): [Proportion, Proportion] => [
  { n, successes: a },
  { n, successes: b },
]
