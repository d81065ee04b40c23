/** What a language has to say for the templates of insights. */
import type { InsightReason, InsightSubject } from './subject.ts'

/** A reason whose texts are short and plain; lists are joined with commas. */
export interface PlainReason extends Pick<InsightReason, 'code' | 'by'> {
  about: string
  because: string
  shared: string
}

/** One language's sentences. */
export interface Words {
  compatibility: { [kind in InsightSubject['kind']]: (common: number, reasons: number) => string }
  reason(reason: PlainReason): string
  /** Where there is no reason at all. */
  noReason: { [kind in InsightSubject['kind']]: string }
  /** About something in common, in order. */
  startersAbout: ((topic: string) => string)[]
  /** Where to begin in a list, by an item's title. */
  startersWith: ((title: string) => string)[]
  /** Three of each, for where nothing is known. */
  starters: { [kind in InsightSubject['kind']]: [string, string, string] }
}
