import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Client } from '../client.ts'
import { createTestClient } from '../testing.ts'
import type { StandardSchema } from '../typed-events.ts'
import { defineEvents as inDevelopment } from './define-events.development.ts'
import { defineEvents } from './define-events.ts'
import { redact } from './redact.ts'

/** A schema by hand, as a library's would be; `check` answers what is wrong, and where. */
function schema<Input>(check: (value: Input) => [message: string, ...path: PropertyKey[]] | undefined) {
  const made: StandardSchema<Input> & { asked: number } = {
    asked: 0,
    '~standard': {
      version: 1,
      vendor: 'test',
      validate(value) {
        made.asked++
        const [message, ...path] = check(value as Input) ?? []
        return message ? { issues: [{ message, path }] } : {}
      },
    },
  }
  return made
}

const signup = schema<{ plan: 'free' | 'pro'; seats?: number }>(({ plan }) =>
  plan === 'free' || plan === 'pro' ? undefined : ['not a plan', 'plan'],
)
const closed = schema<{ reason?: string }>(() => undefined)
const events = { 'Signed Up': signup, Closed: closed }

describe('an invalid event in development', () => {
  it('is told with its name and where it is wrong, and stored', async () => {
    const nunchi = createTestClient({ use: [inDevelopment(events)] })
    expect(await nunchi.track('Signed Up', { plan: 'gold' as 'free' })).toEqual({ durable: true })
    expect(nunchi.problems).toEqual([
      ['event_invalid', { event: 'Signed Up', path: 'plan', message: 'not a plan' }],
    ])
  })

  it('is told as well where the schema takes its time; one that fails costs nothing but a report', async () => {
    const slow: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async () => ({ issues: [{ message: 'no', path: [{ key: 'a' }, 0] }] }),
      },
    }
    const broken: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('broken')) },
    }
    const nunchi = createTestClient({ use: [inDevelopment({ slow, broken })] })
    await nunchi.track('slow')
    await nunchi.track('broken')
    expect(nunchi.problems).toEqual([
      ['event_invalid', { event: 'slow', path: 'a.0', message: 'no' }],
      ['plugin_failed', new Error('broken')],
    ])
    expect(nunchi.events).toHaveLength(2)
  })

  it('is no event of another plugin’s, and none that is valid', async () => {
    const other = {
      name: 'other' as const,
      setup: ({ client }: Parameters<ReturnType<typeof redact>['setup']>[0]) => ({
        go: () => client.track('constructor', { any: 1 }),
      }),
    }
    const nunchi = createTestClient({ use: [inDevelopment(events), other] })
    await nunchi.other.go()
    await nunchi.track('Signed Up', { plan: 'pro' })
    expect(nunchi.problems).toEqual([])
  })
})

describe('typed events', () => {
  it('ask no schema in production', async () => {
    const before = signup.asked
    const nunchi = createTestClient({ use: [defineEvents(events)] })
    expect(await nunchi.track('Signed Up', { plan: 'gold' as 'free' })).toEqual({ durable: true })
    expect(signup.asked).toBe(before)
    expect(nunchi.problems).toEqual([])
    expect(nunchi.eventNames).toEqual(['Signed Up', 'Closed'])
  })

  it('fail to compile where a name or a property is wrong', () => {
    const nunchi = createTestClient({ use: [defineEvents(events), redact({ emails: true })] })
    nunchi.track('Signed Up', { plan: 'free', seats: 3 })
    nunchi.track('Closed')
    // @ts-expect-error A name that nobody defined.
    nunchi.track('Signed up', { plan: 'free' })
    // @ts-expect-error A plan that there is not.
    nunchi.track('Signed Up', { plan: 'gold' })
    // @ts-expect-error A property that nobody defined.
    nunchi.track('Signed Up', { plan: 'free', size: 3 })
    // @ts-expect-error What is required is not there.
    nunchi.track('Signed Up')
    expect(nunchi.events).toHaveLength(6)
  })

  it('are what a client without them takes any of', () => {
    const nunchi = createTestClient({ use: [redact({ emails: true })] })
    expectTypeOf(nunchi.track).toEqualTypeOf<Client['track']>()
    expectTypeOf(createTestClient().track).toEqualTypeOf<Client['track']>()
  })
})
