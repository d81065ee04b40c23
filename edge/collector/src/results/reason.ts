/** From the codes of a verdict to its reason, by the numbers that are shown. */
import type { Because } from '@nunchi/stats'
import type { Look } from './look.ts'
import type { MetricDefinition } from './metric.ts'
import { type NoResult, whyNot } from './no-result.ts'
import { type Said, sentences } from './said.ts'
import type { Numbers, VariantResult } from './variant-result.ts'
import { type About, words } from './words.ts'

/** What a reason is made of. */
export interface Told {
  look: Look
  sampleRatioP: number
  /** Whether there is a guardrail at all. */
  guarded: boolean
  /** A metric of a variant, as it is shown. */
  find(metric: string, variant: string): { definition: MetricDefinition; result: VariantResult } | undefined
}

const numbers = (result: VariantResult): Numbers | undefined => ('noResult' in result ? undefined : result)
const missing = (result: VariantResult): NoResult | undefined =>
  'noResult' in result ? result.noResult : undefined

function aboutMetric(
  code: Because['code'],
  about: About,
  definition: MetricDefinition,
  why: NoResult | undefined,
): Said | undefined {
  switch (code) {
    case 'goal-better':
      return words.better(about)
    case 'goal-worse':
      return words.worse(about)
    case 'guardrail-hurt':
      return words.hurt(about, definition.margin)
    case 'guardrail-not-shown':
      return words.notShown(about, definition.margin)
    default:
      return why && words.unread(about.name, whyNot(why))
  }
}

function aboutAll(code: Because['code'], { look, sampleRatioP }: Told): Said | undefined {
  switch (code) {
    case 'sample-ratio-mismatch':
      return words.broken(sampleRatioP)
    case 'nothing-clear':
      return words.unclear()
    case 'no-goal':
      return words.noGoal()
    case 'sample-reached':
      return words.reached()
    case 'ended':
      return words.ended()
    case 'sample-not-reached':
      return look.planned === null ? words.openEnded() : words.more(look.units, look.planned, look.daysLeft)
    case 'open-ended':
      return words.openEnded()
    default:
      return undefined
  }
}

/** The sentences of a verdict on a variant. */
export function reasonOf(variant: string, because: readonly Because[], told: Told): Said {
  const parts = because.flatMap(({ code, metric }) => {
    const found = metric === undefined ? undefined : told.find(metric, variant)
    const one = found
      ? aboutMetric(
          code,
          { name: found.definition.name, numbers: numbers(found.result) },
          found.definition,
          missing(found.result),
        )
      : aboutAll(code, told)
    return one ? [one] : []
  })
  const ships = because.length > 0 && because.every(({ code }) => code === 'goal-better')
  return sentences(ships ? [...parts, told.guarded ? words.unhurt() : words.unguarded()] : parts)
}
