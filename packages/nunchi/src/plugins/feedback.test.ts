import { describe, expect, it } from 'vitest'
import { createTestClient } from '../testing.ts'
import { feedback, type Opinion } from './feedback.ts'

const open = () => createTestClient({ use: [feedback()] })
/** What was recorded of an opinion, and what was said about it. */
async function give(opinion: unknown) {
  const client = open()
  const saved = await client.feedback.give(opinion as Opinion)
  return { saved, said: client.events.map(({ properties }) => properties), problems: client.problems }
}

describe('feedback', () => {
  it('is an event with rating, text, subject and the variants seen', async () => {
    const client = open()
    const opinion: Opinion = {
      rating: 4,
      text: ' 좋아요 ',
      subject: 'checkout',
      flags: { 'new-checkout': 'b', dark: true, level: 2 },
    }
    expect(await client.feedback.give(opinion)).toHaveProperty('durable')
    expect(client.events).toHaveLength(1)
    expect(client.events[0]).toMatchObject({
      type: 'track',
      name: 'Feedback Given',
      properties: { ...opinion, text: '좋아요' },
    })
    expect(client.problems).toEqual([])
  })

  it.each([1, 5, 'up', 'down'] as const)('rates %s', async (rating) => {
    expect((await give({ rating })).said).toEqual([{ rating }])
  })

  it('takes the text of a radio button for its number', async () => {
    expect((await give({ rating: '3' })).said).toEqual([{ rating: 3 }])
  })

  it.each([0, 6, 2.5, Number.NaN, 'great', true, undefined])(
    'with the rating %s and nothing else is not recorded, and says why',
    async (rating) => {
      expect(await give({ rating })).toEqual({
        saved: { durable: false },
        said: [],
        problems: [['input_invalid', 'feedback.give(): rating']],
      })
    },
  )

  it('keeps what the visitor wrote where the rating cannot be used', async () => {
    expect(await give({ rating: 9, text: 'Fine' })).toMatchObject({
      said: [{ text: 'Fine' }],
      problems: [['input_invalid', 'feedback.give(): rating']],
    })
  })

  it('cuts what is too long, and no character in the middle', async () => {
    const { said } = await give({
      rating: 1,
      text: `${'x'.repeat(1999)}😀 and more`,
      subject: 's'.repeat(999),
    })
    expect(said).toEqual([{ rating: 1, text: 'x'.repeat(1999), subject: 's'.repeat(200) }])
  })

  it('leaves out what is of the wrong kind, and keeps the rest', async () => {
    const { said, problems } = await give({
      rating: 'up',
      text: { html: '<b>' },
      flags: { good: 'a', bad: { deep: 1 } },
    })
    expect(said).toEqual([{ rating: 'up', flags: { good: 'a' } }])
    expect(problems.map(([, detail]) => detail)).toEqual(['feedback.give(): text', 'feedback.give(): flags'])
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, 'a']))
    const [first] = (await give({ rating: 1, flags: many })).said
    expect(Object.keys(first!['flags']!)).toHaveLength(20)
    expect((await give({ rating: 1, flags: 'none' })).said).toEqual([{ rating: 1 }])
  })

  it('throws nothing, whatever it is given', async () => {
    const evil = {
      get rating() {
        throw new Error('trap')
      },
    }
    for (const opinion of [undefined, null, 7, 'good', evil]) {
      const { saved, said, problems } = await give(opinion)
      expect([saved, said]).toEqual([{ durable: false }, []])
      expect(problems[0]![0]).toBe('input_invalid')
    }
  })
})
