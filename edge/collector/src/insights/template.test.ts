/** The sentences of our own: readable in both languages, within the limits, and never empty. */
import type { InsightLanguage } from '@nunchi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longest, readAnswer } from './read-answer.ts'
import type { InsightReason, InsightSubject } from './subject.ts'
import { fromTemplate } from './template.ts'

const match = (...reasons: InsightReason[]): InsightSubject => ({ kind: 'match', reasons, sides: [{}, {}] })
const all = (subject: InsightSubject, language: InsightLanguage) => {
  const { compatibility, reasons, starters } = fromTemplate(subject, language)
  return [compatibility, ...reasons, ...starters]
}

/** Characters that are any trouble. */
const odd = fc.constantFrom(...'aw1@.:/-_<>{}"… \n\u0000\u202E\u200B한😀', '\uD800')

describe('a template about two people', () => {
  const pair = match(
    { code: 'shared', about: 'interests', shared: ['차', '등산', 'jazz'] },
    { code: 'close', about: 'age' },
    { code: 'wanted', about: 'humor', by: 'first' },
    { code: 'mutual' },
  )

  it('says in English why and how to begin', () => {
    expect(all(pair, 'en')).toEqual([
      'You two have a lot in common, and much to talk about.',
      'You share (interests): 차, 등산, jazz.',
      'You are close to each other in: age.',
      'They have what you look for: humor.',
      'People with tastes like yours and theirs have often chosen each other.',
      'I saw that you like this too: 차. How did that begin for you?',
      'What would you tell a beginner about this: 등산?',
      'Your best memory that has to do with this: jazz. What is it?',
    ])
  })

  it('says in Korean the same, with no particle after a word of somebody else’s', () => {
    expect(all(pair, 'ko')).toEqual([
      '두 분은 닮은 점이 많아서 나눌 이야기가 많을 거예요.',
      '두 분의 공통점(관심사): 차, 등산, jazz',
      '두 분이 비슷한 점: 나이',
      '찾으시던 점을 상대방이 갖고 있어요: 유머',
      '취향이 비슷한 분들끼리 서로를 선택한 적이 많아요.',
      '저도 좋아해요, 차! 어떻게 시작하셨어요?',
      '등산: 처음 해 보는 사람에게 한 가지만 알려 주신다면요?',
      'jazz: 가장 기억에 남는 순간이 언제였어요?',
    ])
    // Words with and without a final consonant must read alike: what follows them never depends on it.
    const shape = (topic: string) =>
      all(match({ code: 'shared', about: topic, shared: [topic] }), 'ko')
        .join('\n')
        .replaceAll(topic, '_')
    expect(shape('차')).toBe(shape('책'))
  })

  it('has something to say where nothing is known', () => {
    for (const kind of ['match', 'recommendation'] as const)
      for (const language of ['en', 'ko'] as const) {
        const said = all({ kind, reasons: [], sides: [{}, {}] }, language)
        expect(said).toHaveLength(5)
        for (const one of said) expect(one).not.toBe('')
      }
  })
})

describe('a template about anything', () => {
  it('keeps the limits of the wire, says three things to begin with, and no control character, whatever the data', () => {
    const text = fc.string({ unit: odd, maxLength: 120 })
    const reason = fc.record(
      {
        code: fc.constantFrom(
          'because',
          'alike',
          'people',
          'popular',
          'new',
          'pinned',
          'shared',
          'close',
          'wanted',
          'mutual',
        ),
        about: text,
        because: text,
        shared: fc.array(text, { maxLength: 9 }),
        by: fc.constantFrom('first', 'second', 'both'),
      },
      { requiredKeys: ['code'] },
    )
    const subject = fc.record({
      kind: fc.constantFrom('match', 'recommendation'),
      reasons: fc.array(reason, { maxLength: 12 }),
      sides: fc.constant([{}, {}]),
    })
    fc.assert(
      fc.property(subject, fc.constantFrom<InsightLanguage>('en', 'ko'), (one, language) => {
        const { compatibility, reasons, starters } = fromTemplate(one as InsightSubject, language)
        expect(starters).toHaveLength(3)
        expect(reasons.length).toBeGreaterThanOrEqual(1)
        expect(reasons.length).toBeLessThanOrEqual(5)
        expect([...compatibility].length).toBeLessThanOrEqual(longest.compatibility)
        const wrong = (said: string) =>
          [...said].length > longest.sentence || !/^[^\p{Cc}\p{Cf}]+$/u.test(said)
        expect([...reasons, ...starters].filter(wrong)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('what a model wrote', () => {
  it('is taken or not, and never thrown about', () => {
    const part = fc.oneof(fc.string(), fc.array(fc.string()), fc.integer(), fc.constant(null))
    const written = fc.record({ compatibility: part, reasons: part, starters: part }, { requiredKeys: [] })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          written.map((one) => JSON.stringify(one)),
        ),
        (text) => {
          const read = readAnswer(text, 'en', 'key')
          if ('fault' in read) expect(read.fault).toMatch(/^it /)
          else expect(read.starters).toHaveLength(3)
        },
      ),
    )
  })

  it('is taken of ordinary sentences in either language', () => {
    const ko = {
      compatibility: '두 분은 조용한 시간을 좋아하는 점이 닮았어요. 이야기가 잘 통할 거예요.',
      reasons: ['둘 다 차를 좋아해요.'],
      starters: ['요즘 어떤 차를 즐겨 드세요?', '“Kettle” 써 보셨어요?', '주말에 주로 어디를 걸으세요?'],
    }
    expect(readAnswer(JSON.stringify(ko), 'ko', 'key')).toEqual(ko)
    const en = {
      compatibility: 'You both like “찻잔”.',
      reasons: ['5 & more: < 10 things'],
      starters: ['a', 'b', 'c'],
    }
    expect(readAnswer(JSON.stringify(en), 'en', 'key')).toEqual(en)
  })
})
