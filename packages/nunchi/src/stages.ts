/** The stages of an event's way, for whoever wants to watch: a panel, a test, a log. */
import type { Event, Rejection } from '@nunchi/protocol'

/** What a listener hears, by stage. */
export interface Stages {
  /** Made and in memory. */
  event: Event
  /** Committed to the store on the device. */
  stored: { ids: string[] }
  /** On its way in an ordinary request. */
  sending: { ids: string[] }
  /** Handed to the browser by a page that leaves; there is no answer to that. */
  beacon: { ids: string[] }
  /** In Postgres, says the collector. */
  acked: { ids: string[]; ack: object }
  /** Refused one by one by the collector, which keeps them aside; each with its code, reason and fix. */
  rejected: { ids: string[]; rejections: Rejection[] }
  /** The attempt failed; the events are kept and tried again. */
  failed: { ids: string[]; status: number; code: unknown }
  /** Given up and counted. */
  dropped: { ids: string[]; reason: string }
}

/** The name of a stage. */
export type Stage = keyof Stages

/** Hears every stage of every event of this tab; what it throws is swallowed. */
export type Listener = <Name extends Stage>(stage: Name, detail: Stages[Name]) => void

/** Tells all listeners. */
export type Emit = Listener
