/** Sampling: a visitor is always in or always out, and what is kept says for how many it stands. */
import { type Event, murmur3 } from '@nunchi/protocol'
import type { Plugin } from '../plugin.ts'

/** What `sampling()` takes. */
export interface SamplingOptions {
  /** The share of visitors whose events are kept, from 0 (none) to 1 (all). */
  rate: number
  /** The names of the events that are sampled. @default every track and page */
  events?: readonly string[]
  /** Another salt picks other visitors: two samplings with one salt keep the same. @default 'sampling' */
  salt?: string
}

/**
 * Makes the plugin. Never sampled out: who somebody is (`identify`, `alias`, `group`), and what a plugin marks to be
 * kept, such as exposures. Each sampled event that stays carries `userContext.sampleRate`: it counts as 1 / rate.
 */
export function sampling({ rate, events, salt = 'sampling' }: SamplingOptions): Plugin<'sampling', void> {
  return {
    name: 'sampling',
    setup({ on, report }) {
      if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))
        return report('option_invalid', 'sampling({ rate })')
      const isIn = ({ anonymousId }: Event) => murmur3(`${salt}:${anonymousId}`) < rate * 2 ** 32
      on('event', (event, marks) => {
        if (marks.keep || (events && !events.includes(event.name))) return
        if (!isIn(event)) {
          marks.why = 'sampling'
          return false
        }
        event.userContext = { ...event.userContext, sampleRate: rate }
      })
    },
  }
}
