/** Stamps an event with who, when, where and in which order. */
import { type Event, type JsonObject, maxNameLength, type Page } from '@nunchi/protocol'
import type { Identities } from './identity.ts'
import type { Sessions } from './session.ts'
import type { Fields } from './verbs.ts'
import { sdk } from './version.ts'

/** Makes a finished event of a type, name and fields. */
export type Stamp = (type: Event['type'], name: string, fields: Fields) => Event

/** Makes the stamp of one tab; it counts the tab's events. */
export function createStamp(
  id: () => string,
  now: () => number,
  tab: string,
  identities: Identities,
  sessions: Sessions,
  here: () => Page | undefined,
): Stamp {
  let seq = 0
  return (type, name, { properties, ...fields }) => {
    const page = here()
    return {
      id: id(),
      type,
      name: name.slice(0, maxNameLength),
      ts: now(),
      tab,
      seq: seq++,
      ...identities.current(),
      sessionId: sessions.current(),
      ...(page && { page }),
      sdk,
      ...fields,
      // A first visit, or a device whose storage was emptied since: whoever counts people should know.
      ...(identities.fresh() && { userContext: { ...fields.userContext, newId: true } }),
      // A copy: plugins may change the event, never the caller's own object.
      ...(properties && { properties: { ...properties } as JsonObject }),
    }
  }
}
