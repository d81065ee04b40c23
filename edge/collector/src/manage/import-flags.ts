/** Sets several flags by one change: all of them come into force, or none. */
import type { Json } from '@nunchi/protocol'
import { conflict, type MakeChange } from './change.ts'
import { type FlagInput, setFlag } from './flags.ts'

/**
 * Makes or replaces the flags; others stay as they are.
 *
 * @param flags by key; experiments that their rules name must be there
 */
export function importFlags(flags: { [key: string]: FlagInput }): MakeChange {
  const keys = Object.keys(flags)
  return (definition, standing) => {
    if (keys.length === 0)
      throw conflict('There is no flag in it.', 'Write { "flags": { "checkout": { … } } }.')
    let next = definition
    const before: { [key: string]: Json } = {}
    const after: { [key: string]: Json } = {}
    for (const key of keys) {
      const change = setFlag(key, flags[key]!)(next, standing)
      next = change.definition
      before[key] = change.before
      after[key] = change.after
    }
    return {
      definition: next,
      reason: `flag.import ${keys.join(' ')}`.slice(0, 500),
      subject: 'flags',
      before,
      after,
    }
  }
}
