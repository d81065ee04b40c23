/** Feedback: what a visitor says in so many words, a rating and a text, as an event. */
import type { Properties } from '../client.ts'
import type { Plugin } from '../plugin.ts'
import type { Saved } from '../saver.ts'

/** What a visitor said. */
export interface Opinion {
  /** 1 (bad) to 5 (good), or a thumb. */
  rating: 1 | 2 | 3 | 4 | 5 | 'up' | 'down'
  /** In the visitor's own words; cut at 2000 characters. */
  text?: string
  /** What it is about, such as `checkout`; cut at 200 characters. */
  subject?: string
  /** Flags and the variants of them that the visitor saw, at most 20. */
  flags?: Record<string, string | number | boolean>
}

/** Appears as `client.feedback`. */
export interface Feedback {
  /** Records `Feedback Given`. What is wrong in it is left out and said on the console; it never throws. */
  give(opinion: Opinion): Promise<Saved>
}

const [mostText, mostSubject, mostFlags] = [2000, 200, 20]

/** Cut, and not in the middle of a character. */
const cut = (text: string, most: number): string =>
  text
    .trim()
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, '')

/** The part of an opinion that can be recorded; `wrong` hears what cannot. */
function valid(opinion: Partial<Record<keyof Opinion, unknown>>, wrong: (field: string) => void): Properties {
  const said: Properties = {}
  const { rating, flags } = opinion
  if (/^([1-5]|up|down)$/.test(`${rating}`)) said['rating'] = +`${rating}` || rating
  else wrong('rating')
  for (const [field, most] of [
    ['text', mostText],
    ['subject', mostSubject],
  ] as const) {
    const value = opinion[field] ?? ''
    if (typeof value !== 'string') wrong(field)
    else if (value.trim()) said[field] = cut(value, most)
  }
  if (flags === undefined || flags === null) return said
  const kept = Object.entries(flags)
    .filter(([, value]) => /^(string|number|boolean)$/.test(typeof value))
    .slice(0, mostFlags)
    .map(([key, value]) => [
      key.slice(0, mostSubject),
      typeof value === 'string' ? cut(value, mostSubject) : value,
    ])
  if (kept.length < Object.keys(flags).length || typeof flags !== 'object') wrong('flags')
  if (kept.length && typeof flags === 'object') said['flags'] = Object.fromEntries(kept)
  return said
}

/** Makes the plugin. It shows nothing: the form is the page's own. */
export function feedback(): Plugin<'feedback', Feedback> {
  return {
    name: 'feedback',
    setup({ client, report }) {
      return {
        async give(opinion) {
          try {
            const said = valid(opinion, (field) => report('input_invalid', `feedback.give(): ${field}`))
            if ('rating' in said || 'text' in said) return await client.track('Feedback Given', said)
          } catch (error) {
            report('input_invalid', error)
          }
          return { durable: false }
        },
      }
    },
  }
}
