/** Numbers, times and sums as the reader's language writes them. */
import type { Language } from './messages.ts'

/** Writes figures for one language. */
export interface Format {
  /** A count; from a million on in short. */
  count(value: number): string
  /** A sum of money; a currency that is no ISO 4217 code stands behind the number. */
  money(amount: number, currency: string): string
  /** A change as a signed percentage, or undefined where there is nothing to compare with. */
  change(now: number, before: number): string | undefined
  /** A moment in a time zone; in UTC where the zone is unknown here. */
  moment(at: number, timezone: string): string
  /** A country's name by its code; the code where it has none. */
  country(code: string): string
  /** A Web Vital's value with its unit. */
  vital(metric: string, value: number): string
}

const locales = { en: 'en-GB', ko: 'ko-KR' } as const

/** `make` with what it is given, or with `instead` where the runtime does not know it. */
function orElse<Input, Result>(make: (input: Input) => Result, input: Input, instead: Input): Result {
  try {
    return make(input)
  } catch {
    return make(instead)
  }
}

/** Makes the format of a language. */
export function formatOf(language: Language): Format {
  const locale = locales[language]
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: 0,
  })
  const regions = new Intl.DisplayNames(locale, { type: 'region' })
  const second = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  return {
    count: (value) => (value >= 1_000_000 ? short : plain).format(value),
    money(amount, currency) {
      if (!/^[A-Z]{3}$/.test(currency)) return `${plain.format(amount)} ${currency}`
      return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount)
    },
    change: (now, before) => (before > 0 ? percent.format(now / before - 1) : undefined),
    moment: (at, timezone) =>
      orElse(
        (timeZone) =>
          new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(at),
        timezone,
        'UTC',
      ),
    country: (code) => (/^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code),
    vital: (metric, value) =>
      metric === 'CLS'
        ? second.format(value)
        : value >= 1000
          ? `${second.format(value / 1000)} s`
          : `${plain.format(Math.round(value))} ms`,
  }
}
