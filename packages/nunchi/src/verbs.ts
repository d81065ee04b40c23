/** The verbs: what a caller says, made into the fields of an event. */
import type { Event, EventType, Page } from '@nunchi/protocol'
import type { Client, Properties } from './client.ts'
import type { Report } from './errors.ts'
import type { Identities } from './identity.ts'
import { notKept } from './recorder.ts'
import type { Saved } from './saver.ts'

/** What an event says besides who, when and where. */
export type Fields = Pick<Event, 'userId' | 'groupId' | 'previousId'> & {
  properties?: Properties | undefined
}

/** Makes an event of a type, name and fields, and records it. */
export type RecordEvent = (type: EventType, name: string, fields: Fields) => Promise<Saved>

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

/** What the verbs stand on. */
export interface VerbsOptions {
  record: RecordEvent
  identities: Identities
  page(): Page | undefined
  /** Whether nothing may be recorded. */
  closed(): boolean
  safely: Safely
  report: Report
}

/** Makes the five verbs that record events. */
export function createVerbs(options: VerbsOptions): Pick<Client, EventType> {
  const { record, identities, page, closed, safely, report } = options
  /** Records what `make` says, unless its subject (a name, an id) is missing or nothing may be recorded. */
  const say = (type: EventType, subject: unknown, make: () => Fields, name: unknown = type): Promise<Saved> =>
    safely(notKept, async () => {
      if (!subject) report(type === 'track' || type === 'page' ? 'event_name' : 'id_missing')
      return subject && !closed() ? record(type, `${name}`, make()) : notKept
    })
  return {
    track: (name, properties) => say('track', name, () => ({ properties }), name),
    identify: (userId, properties) =>
      say('identify', userId, () => {
        identities.identify(`${userId}`)
        return { properties }
      }),
    page(name, properties) {
      const path = name ?? page()?.url.replace(/^\w+:\/\/[^/]*|[?#].*/g, '')
      return say('page', path, () => ({ properties }), path)
    },
    group: (groupId, properties) => say('group', groupId, () => ({ groupId: `${groupId}`, properties })),
    alias: (userId, previousId) =>
      say('alias', userId, () => {
        const { anonymousId, userId: present } = identities.current()
        return { userId: `${userId}`, previousId: `${previousId ?? present ?? anonymousId}` }
      }),
  }
}
