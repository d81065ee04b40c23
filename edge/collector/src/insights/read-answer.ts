/** What a model wrote, taken as data: checked in shape, length, language and content, or not taken at all. */
import type { Insight, InsightLanguage } from '@nunchi/protocol'
import { plainText, pointsSomewhere } from './plain-text.ts'

/** What is taken of it. */
export type Written = Pick<Insight, 'compatibility' | 'reasons' | 'starters'>

/** What cannot be taken, and why in a few words for the log. */
export interface Untaken {
  fault: string
}

/** Limits of the texts, in characters; what the model is asked for is less. */
export const longest = { compatibility: 400, sentence: 200 } as const

const texts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const markup = /<[a-z/!?]|&(?:#\w+|[a-z]+);|\]\(|```|\*\*|javascript:/i
/** Words of ours that only somebody who was told to would repeat. */
const inside = /<\/?data>|person[ _]?[AB]\b|system prompt|시스템 프롬프트/i

function contentFault(text: string, secret: string): string | undefined {
  if (secret !== '' && text.includes(secret)) return 'it holds the key'
  if (markup.test(text)) return 'it holds markup'
  if (inside.test(text)) return 'it repeats its instructions'
  if (pointsSomewhere(text)) return 'it holds an address or a long number'
  return undefined
}

const speaks: { [language in InsightLanguage]: (text: string) => boolean } = {
  ko: (text) => /\p{Script=Hangul}/u.test(text),
  en: (text) => /[a-z]/i.test(text) && !/\p{Script=Hangul}{4}/u.test(text.replace(/["“][^"”]*["”]/g, '')),
}

/**
 * Reads it.
 *
 * @param secret what must not stand in it, whatever happened
 */
export function readAnswer(text: string, language: InsightLanguage, secret: string): Written | Untaken {
  const { compatibility, reasons, starters } = (parse(text) ?? {}) as Record<string, unknown>
  if (typeof compatibility !== 'string' || !texts(reasons) || !texts(starters))
    return { fault: 'it is not the JSON that was asked for' }
  if (reasons.length < 1 || reasons.length > 5 || starters.length !== 3)
    return { fault: 'it has too many or too few sentences' }
  const sentences = [...reasons, ...starters]
  if (compatibility.length > longest.compatibility || sentences.some((one) => one.length > longest.sentence))
    return { fault: 'it is too long' }
  const all = [compatibility, ...sentences].map((one) => plainText(one, longest.compatibility))
  if (all.some((one) => one === '')) return { fault: 'it leaves a sentence empty' }
  const fault = all.map((one) => contentFault(one, secret)).find(Boolean)
  if (fault) return { fault }
  if (!speaks[language](all.join(' '))) return { fault: 'it is in another language' }
  const [first, ...rest] = all as [string, ...string[]]
  return {
    compatibility: first,
    reasons: rest.slice(0, reasons.length),
    starters: rest.slice(reasons.length) as Insight['starters'],
  }
}
