/** What results were asked for: mistakes are told, not guessed at. */
import type { Correction } from '@nunchi/stats'
import { cleanText } from '../parse/clean.ts'
import { Problem } from '../problem.ts'
import { type Dimension, dimensions } from './summary.ts'

/** How results may be asked for, as it was typed. */
export interface ResultsAsked {
  experiment: string
  /** @default the newest */
  revision?: string | undefined
  /** Takes the units apart by it. */
  dimension?: string | undefined
  /** `day`: the interval at the end of each day. */
  series?: string | undefined
  /** Compares within the values of this dimension, and combines. */
  stratify?: string | undefined
  /** `holm` (default) or `benjamini-hochberg`. */
  correction?: string | undefined
}

/** It, understood. */
export interface Wanted {
  experiment: string
  revision: number | undefined
  /** Whether a revision was typed that is no number. */
  noRevision: boolean
  dimension: Dimension | undefined
  stratify: Dimension | undefined
  series: 'day' | undefined
  correction: Correction
}

function oneOf<Value extends string>(
  name: string,
  value: string | undefined,
  among: readonly Value[],
): Value | undefined {
  if (value === undefined || among.includes(value as Value)) return value as Value | undefined
  throw new Problem('query_invalid', {
    detail: `There is no ${name} "${value.slice(0, 50)}".`,
    fix: `Ask for ${among.join(', ')}, or leave ${name} away.`,
  })
}

const corrections = { holm: 'holm', 'benjamini-hochberg': 'benjaminiHochberg' } as const

/** @throws Problem `query_invalid` */
export function wanted(asked: ResultsAsked): Wanted {
  const { experiment, revision } = asked
  const number = revision !== undefined && /^[1-9]\d{0,8}$/.test(revision) ? Number(revision) : undefined
  const names = Object.keys(corrections) as (keyof typeof corrections)[]
  return {
    // No key has a NUL, and no database takes one.
    experiment: cleanText(experiment),
    revision: number,
    noRevision: revision !== undefined && number === undefined,
    dimension: oneOf('dimension', asked.dimension, dimensions),
    stratify: oneOf('stratify', asked.stratify, dimensions),
    series: oneOf('series', asked.series, ['day']),
    correction: corrections[oneOf('correction', asked.correction, names) ?? 'holm'],
  }
}
