/** The ledger of a case: what the SDK promised to keep, what it said it dropped, and what the tables hold. */
import type { Testimony } from '../page/face.ts'
import type { Row } from './cluster.ts'

/** The account in the end. */
export interface Balance {
  /** Events that the SDK promised to keep. */
  accepted: number
  /** Events in the table. */
  stored: number
  /** Accepted, and neither stored nor reported. */
  lost: number
  /** Rows too many: of one id, or of one event under several ids. */
  duplicated: number
  /** Events that the SDK or the collector gave up by name. */
  reported: number
}

/** What is known of a case's events. */
export interface Ledger {
  accept(ids: string[]): void
  /** Takes them off the account: the visitor's own will. */
  withdraw(ids: string[]): void
  hear(testimony: Testimony): void
  accepted: Set<string>
  dropped: Map<string, string>
  /** Ids that an ack named as rejected. */
  rejected: Set<string>
  /** Everything that pages said, in its order. */
  heard: Testimony[]
  /** Accepted events that are neither stored nor reported. */
  missing(): Promise<string[]>
  balance(): Promise<Balance>
}

/** Opens one over a database. */
export function openLedger(ask: (text: string) => Promise<Row[]>): Ledger {
  const accepted = new Set<string>()
  const dropped = new Map<string, string>()
  const rejected = new Set<string>()
  const heard: Testimony[] = []
  const idsOf = async (text: string) => new Set((await ask(text)).map(({ id }) => String(id)))
  const given = async () => {
    const stored = await idsOf('select id::text from nunchi.analytics_events')
    const refused = await idsOf('select event_id as id from nunchi.event_rejects')
    const reported = new Set([...refused, ...dropped.keys()])
    return { stored, reported, missing: [...accepted].filter((id) => !stored.has(id) && !reported.has(id)) }
  }
  const sum = async (text: string) => Number((await ask(text))[0]?.['sum'] ?? 0)

  return {
    accept(ids) {
      for (const id of ids) accepted.add(id)
    },
    withdraw(ids) {
      for (const id of ids) accepted.delete(id)
    },
    hear(testimony) {
      heard.push(testimony)
      const { stage, ids } = testimony
      if (stage === 'accepted') for (const id of ids) accepted.add(id)
      if (stage === 'dropped') for (const id of ids) dropped.set(id, testimony.reason)
      if (stage === 'rejected') for (const id of ids) rejected.add(id)
    },
    accepted,
    dropped,
    rejected,
    heard,
    missing: async () => (await given()).missing,
    async balance() {
      const { stored, reported, missing } = await given()
      const copies = await sum('select count(*) - count(distinct id) as sum from nunchi.analytics_events')
      const twins = await sum(
        `select coalesce(sum(ids - 1), 0) as sum from (
           select count(distinct id) as ids from nunchi.analytics_events
           where properties ? 'marker' group by properties ->> 'marker') marked`,
      )
      return {
        accepted: accepted.size,
        stored: stored.size,
        lost: missing.length,
        duplicated: copies + twins,
        reported: [...reported].filter((id) => accepted.has(id)).length,
      }
    },
  }
}
