/** The verdict: from the comparisons to what to do, each with the codes that say why. */
import type { Comparison } from './comparison.ts'

/** What to do. */
export type Verdict = 'ship' | 'roll back' | 'keep running' | 'inconclusive' | 'broken: sample ratio'

/** Why, as a code with what it is about; words are made from it elsewhere. */
export interface Because {
  code:
    | 'sample-ratio-mismatch'
    | 'goal-better'
    | 'goal-worse'
    | 'guardrail-hurt'
    | 'guardrail-not-shown'
    | 'nothing-clear'
    | 'sample-reached'
    | 'ended'
    | 'sample-not-reached'
    | 'open-ended'
    | 'no-result'
    | 'no-goal'
  variant?: string
  metric?: string
}

/** What to do about one variant. */
export interface VariantVerdict {
  variant: string
  verdict: Verdict
  because: Because[]
}

/** How far the experiment is. */
export interface Progress {
  /** Nothing more will come: the planned units are there. */
  final: boolean
  /** Nothing more will come: it was ended. */
  ended: boolean
  /** A fixed test before its end: nothing may be read into it yet. */
  closed: boolean
  /** Whether an end was planned. */
  planned: boolean
}

const about =
  (code: Because['code']) =>
  ({ metric, variant }: Comparison): Because => ({ code, metric, variant })

/** A guardrail with a margin that nothing has yet shown to be kept. */
function notShown({ result }: Comparison): boolean {
  const margin = result.ok ? result.nonInferiority : undefined
  return margin !== undefined && !(margin.ok && margin.held)
}

/** What to do about one variant: hurt before helped, helped before waiting. */
export function variantVerdict(
  variant: string,
  all: readonly Comparison[],
  progress: Progress,
): VariantVerdict {
  const mine = all.filter((one) => one.variant === variant)
  const goals = mine.filter(({ role }) => role === 'goal')
  const pick = (some: readonly Comparison[], outcome: Comparison['outcome']) =>
    some.filter((one) => one.outcome === outcome)
  const hurt = [
    ...pick(
      mine.filter(({ role }) => role === 'guardrail'),
      'worse',
    ).map(about('guardrail-hurt')),
    ...pick(goals, 'worse').map(about('goal-worse')),
  ]
  const helped = pick(goals, 'better').map(about('goal-better'))
  const missing = mine
    .filter(({ role, result }) => role !== 'secondary' && !result.ok)
    .map(about('no-result'))
  if (progress.closed)
    return { variant, verdict: 'keep running', because: [{ code: 'sample-not-reached', variant }] }
  if (hurt.length > 0) return { variant, verdict: 'roll back', because: hurt }
  // A guardrail that cannot be read guards nothing.
  const blind = missing.some(({ metric }) =>
    mine.some((one) => one.metric === metric && one.role === 'guardrail'),
  )
  const unshown = mine.filter(notShown).map(about('guardrail-not-shown'))
  if (helped.length > 0 && !blind && unshown.length === 0)
    return { variant, verdict: 'ship', because: helped }
  const goalsSay: Because[] =
    helped.length > 0 ? helped : [{ code: goals.length > 0 ? 'nothing-clear' : 'no-goal', variant }]
  const open: Because[] = [...goalsSay, ...missing, ...unshown]
  if (progress.final || progress.ended) {
    const end: Because = { code: progress.final ? 'sample-reached' : 'ended' }
    return { variant, verdict: 'inconclusive', because: [...open, end] }
  }
  const wait: Because = { code: progress.planned ? 'sample-not-reached' : 'open-ended' }
  return { variant, verdict: 'keep running', because: [...open, wait] }
}

/** The whole experiment's verdict: the best variant that may ship, else what is common to all. */
export function overallVerdict(
  each: readonly VariantVerdict[],
  liftOf: (variant: string) => number,
): VariantVerdict | undefined {
  const ships = each.filter(({ verdict }) => verdict === 'ship')
  if (ships.length > 0)
    return ships.reduce((best, one) => (liftOf(one.variant) > liftOf(best.variant) ? one : best))
  const waiting = each.find(({ verdict }) => verdict === 'keep running')
  if (waiting) return waiting
  return each.find(({ verdict }) => verdict === 'inconclusive') ?? each[0]
}
