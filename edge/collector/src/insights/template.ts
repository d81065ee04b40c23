/** An insight from our own sentences, over the same reasons that a model would be given. */
import type { Insight, InsightLanguage } from '@nunchi/protocol'
import { plainText } from './plain-text.ts'
import { promptVersion } from './prompt.ts'
import type { InsightReason, InsightSubject } from './subject.ts'
import type { PlainReason, Words } from './words.ts'
import { english } from './words-en.ts'
import { korean } from './words-ko.ts'

const languages: { [language in InsightLanguage]: Words } = { en: english, ko: korean }

const plain = ({ code, about = '', because = '', shared = [], by }: InsightReason): PlainReason => ({
  code,
  about: plainText(about, 60),
  because: plainText(because, 60),
  shared: plainText(
    shared
      .slice(0, 4)
      .map((one) => plainText(one, 30))
      .join(', '),
    60,
  ),
  ...(by === undefined ? {} : { by }),
})

const distinct = (texts: string[]): string[] => [...new Set(texts.filter((text) => text !== ''))]

/** Three: about what there is first, then about anything. */
function startersOf(subject: InsightSubject, words: Words): Insight['starters'] {
  const { kind, reasons } = subject
  // Of lists (interests, tags) one can ask how it began; of where somebody lives one cannot.
  const isOne = (about = '') => subject.kind === 'match' && typeof subject.sides[0][about] === 'string'
  const [make, topics] =
    kind === 'match'
      ? [
          words.startersAbout,
          reasons.flatMap(({ code, about, shared = [] }) =>
            code === 'shared' && !isOne(about) ? shared : [],
          ),
        ]
      : [words.startersWith, reasons.map(({ about = '' }) => about)]
  const about = distinct(topics.map((topic) => plainText(topic, 60))).slice(0, make.length)
  const own = about.map((topic, i) => (make[i] as (topic: string) => string)(topic))
  return [...own, ...words.starters[kind]].slice(0, 3) as Insight['starters']
}

/** Writes it. */
export function fromTemplate(subject: InsightSubject, language: InsightLanguage): Insight {
  const { kind, reasons } = subject
  const words = languages[language]
  const common = distinct(
    reasons.flatMap(({ code, shared = [] }) => (code === 'shared' ? shared : [])),
  ).length
  const sentences = distinct(reasons.map((reason) => words.reason(plain(reason)))).slice(0, 5)
  return {
    compatibility: words.compatibility[kind](common, reasons.length),
    reasons: sentences.length > 0 ? sentences : [words.noReason[kind]],
    starters: startersOf(subject, words),
    language,
    source: 'template',
    promptVersion,
  }
}
