/** The verbs: what a caller says, made into the fields of an event. */
import type { Event, EventType, Page } from '@nunchi/protocol'
import type { Client, Properties } from './client.ts'
import type { Report } from './errors.ts'
import type { Marks } from './hooks.ts'
import type { Identities } from './identity.ts'
import { notKept } from './recorder.ts'
import type { Saved } from './saver.ts'

/** What an event says besides who, when and where. */
export type Fields = Pick<
  Event,
  'userId' | 'groupId' | 'previousId' | 'userContext' | 'experimentContext' | 'personalizationContext'
> & {
  properties?: Properties | undefined
}

/** Makes an event of a type, name and fields, and records it, unless the gate is closed; never throws. */
export type RecordEvent = (
  type: EventType,
  name: unknown,
  make: () => Fields,
  options?: Marks,
) => Promise<Saved>

/** Runs work so that nothing of it is thrown: `fallback` is what it comes to then. */
export type Safely = <Result>(fallback: Result, work: () => Promise<Result>) => Promise<Result>

/** Nothing of ours throws into the page, whatever it was given. */
export function safelyOn(report: Report): Safely {
  return async (fallback, work) => {
    try {
      return await work()
    } catch (error) {
      report('sdk_failed', error)
      return fallback
    }
  }
}

/** Makes the five verbs that record events. */
export function createVerbs(
  record: RecordEvent,
  identities: Identities,
  page: () => Page | undefined,
  report: Report,
): Pick<Client, EventType> {
  /** Records what `make` says, unless its subject (a name, an id) is missing. */
  const say = async (
    type: EventType,
    subject: unknown,
    make: () => Fields,
    name: unknown = type,
  ): Promise<Saved> => {
    if (subject) return record(type, name, make)
    report(/^(track|page)$/.test(type) ? 'event_name' : 'id_missing')
    return notKept
  }
  return {
    track: (name, properties) => say('track', name, () => ({ properties }), name),
    identify: (userId, properties) =>
      say('identify', userId, () => {
        identities.identify(`${userId}`)
        return { properties }
      }),
    page(name, properties) {
      name ??= page()?.url.replace(/^\w+:\/\/[^/]*|[?#].*/g, '')
      return say('page', name, () => ({ properties }), name)
    },
    group: (groupId, properties) => say('group', groupId, () => ({ groupId: `${groupId}`, properties })),
    alias: (userId, previousId) =>
      say('alias', userId, () => {
        const { anonymousId, userId: present } = identities.current()
        return { userId: `${userId}`, previousId: `${previousId ?? present ?? anonymousId}` }
      }),
  }
}
