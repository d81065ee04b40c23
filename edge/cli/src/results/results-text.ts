/** Results as lines for the terminal. */
import {
  type ExperimentResults,
  type MetricResult,
  percent,
  pText,
  signed,
  type VariantResult,
} from '@nunchi/collector/results'
import { table } from '../print.ts'

/** The language of the sentences. */
export type Language = 'en' | 'ko'

type Numbers = Exclude<VariantResult, { noResult: object }>
type Bounds = Numbers['interval']

const short = (n: number): string => String(Number(n.toPrecision(4)))
const bounds = ({ low, high }: Bounds, as: (n: number) => string): string =>
  `${Number.isFinite(low) ? as(low) : '−∞'} … ${Number.isFinite(high) ? as(high) : '∞'}`
const lift = (value: number | null, interval: Bounds | null): string =>
  value === null ? '–' : `${signed(value)}${interval ? ` (${bounds(interval, signed)})` : ''}`
const has = (one: VariantResult): one is Numbers => !('noResult' in one)

function row(one: VariantResult, language: Language): string[] {
  // In the last column, which a long sentence widens for nobody.
  if (!has(one)) return [one.variant, String(one.units), '', '', '', '', '', one.noResult.reason[language]]
  return [
    one.variant,
    String(one.units),
    short(one.control),
    short(one.value),
    lift(one.lift, one.liftInterval),
    bounds(one.interval, short),
    pText(one.pValue),
    one.says,
  ]
}
const heads = ['variant', 'units', 'control', 'value', 'lift', 'difference', 'p', 'says']

/** What stands beside: not needed to decide. */
function beside({ metrics }: ExperimentResults): string[] {
  const rows = metrics.flatMap(({ key, variants }) =>
    variants
      .filter(has)
      .map((one) => [
        key,
        one.variant,
        one.method,
        one.effectSize === null ? '–' : short(one.effectSize),
        one.power === null ? '–' : percent(one.power),
        one.minimumDetectableLift === null ? '–' : percent(one.minimumDetectableLift),
        one.daysLeft === null ? '–' : String(one.daysLeft),
        one.bayes === null ? '–' : percent(one.bayes.chanceToBeat),
        one.bayes === null ? '–' : short(one.bayes.expectedLoss),
      ]),
  )
  if (rows.length === 0) return []
  const names = ['beside', 'variant', 'method', 'effect', 'power', 'sees', 'days left', 'chance', 'loss']
  return ['', table(names, rows)]
}

function margins({ metrics }: ExperimentResults): string[] {
  return metrics.flatMap(({ key, margin, variants }) =>
    margin === undefined
      ? []
      : variants.filter(has).map(({ variant, nonInferiority }) => {
          const said = nonInferiority
            ? `${nonInferiority.held ? 'kept' : nonInferiority.beyond ? 'broken' : 'not shown yet'} (one-sided p ${pText(nonInferiority.pValue)})`
            : 'cannot be tested'
          return `  margin     ${key} of ${variant} may lose ${percent(margin)}: ${said}`
        }),
  )
}

function apart({ metrics }: ExperimentResults, language: Language): string[] {
  return metrics.flatMap(({ key, setApart }) =>
    setApart ? [`  set apart  ${key}: ${setApart.reason[language]}`] : [],
  )
}

function segments({ key, byDimension }: MetricResult, language: Language): string[] {
  if (!byDimension) return []
  const about = `${key} by ${byDimension.dimension}`
  if ('noResult' in byDimension) return ['', `${about}: ${byDimension.noResult.reason[language]}`]
  const rows = byDimension.segments.flatMap(({ value, other, variants }) =>
    variants.map((one) => [other ? 'others' : (value ?? 'unknown'), ...row(one, language)]),
  )
  return ['', table([about, ...heads], rows)]
}

function days({ key, series }: MetricResult, language: Language): string[] {
  if (!series) return []
  if ('noResult' in series) return ['', `${key} by day: ${series.noResult.reason[language]}`]
  const rows = series.days.flatMap(({ day, variants }) =>
    variants.map((one) => [
      day,
      one.variant,
      String(one.units),
      short(one.value),
      lift(one.lift, one.liftInterval),
      bounds(one.interval, short),
    ]),
  )
  return ['', table([`${key} by day`, 'variant', 'units', 'value', 'lift', 'difference'], rows)]
}

function health({ health: found, look }: ExperimentResults, language: Language): string[] {
  const shares = found.sampleRatio
  const lines: string[] = []
  if (shares) {
    const arms = shares.variants.map(
      (one) => `${one.variant} ${one.units} of ${Math.round(one.expected)} expected`,
    )
    lines.push(
      `  shares     ${shares.broken ? 'BROKEN' : 'as planned'} (p ${pText(shares.pValue)}): ${arms.join(', ')}`,
    )
  }
  if (found.noResult) lines.push(`  shares     ${found.noResult.reason[language]}`)
  for (const { reason } of found.unknownVariants) lines.push(`  strangers  ${reason[language]}`)
  if (found.multiple > 0) lines.push(`  set apart  ${found.multiple} units that saw several variants`)
  for (const [fault, events] of Object.entries(found.failures))
    lines.push(`  uncounted  ${events} × ${fault}`)
  if (look.units > 0) lines.push(`  ${look.note[language]}`)
  if (look.daysLeft !== null) lines.push(`  days left  ${look.daysLeft}`)
  return lines
}

/** The verdicts first, then whether it ran as planned, then each metric. */
export function resultsText(results: ExperimentResults, language: Language): string[] {
  const { verdicts, noResult, metrics } = results
  const rows = metrics.flatMap((metric) =>
    metric.variants.map((one) => [metric.key, metric.role, ...row(one, language)]),
  )
  return [
    `${results.name} (${results.experiment}), revision ${results.revision}, ${results.status}`,
    ...verdicts.map(({ variant, verdict, reason }) => `  ${variant}: ${verdict}. ${reason[language]}`),
    ...(noResult ? [`  ${noResult.reason[language]}`] : []),
    ...health(results, language),
    ...margins(results),
    ...apart(results, language),
    ...(rows.length === 0 ? [] : ['', table(['metric', 'role', ...heads], rows)]),
    ...beside(results),
    ...metrics.flatMap((metric) => [...segments(metric, language), ...days(metric, language)]),
  ]
}
