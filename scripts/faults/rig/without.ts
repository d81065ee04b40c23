/** What a control takes out: one protection, of the page, the collector or the database. */
import type { PageWithout } from '../page/face.ts'
import type { CollectorWithout } from './collector.ts'

/** What a control takes out. */
export interface Without {
  page?: PageWithout
  collector?: CollectorWithout
  /** SQL that takes a protection out of the database. */
  database?: string
  /** What the case itself does otherwise. */
  play?: 'contracting' | 'no-transaction'
}

/** Takes the primary key out: then only luck keeps a resent event single. */
export const withoutKey: Without = {
  database: 'alter table nunchi.analytics_events drop constraint analytics_events_pkey',
}
