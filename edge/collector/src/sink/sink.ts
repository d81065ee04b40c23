/** The seam between the events route and storage: what takes a checked batch and promises its commit. */
import type { Context, DropReason, Event, Rejection } from '@nunchi/protocol'

/** A batch after every check: safe to write, texts well-formed and without NUL, numbers finite. */
export interface CheckedBatch {
  /** The batch's id as the client named it. */
  id: string
  /** SHA-256 of the API key, hex; the database derives project and environment from it. */
  keyHash: string
  /** The collector's clock on arrival, in ms since the epoch. */
  receivedAt: number
  /** The client's clock on sending, in ms since the epoch. */
  sentAt: number
  context: Context
  events: Event[]
  /** Where in the batch as sent each of `events` stood; absent where none was refused before. */
  positions?: number[]
  /** Events refused by the checks, to be recorded beside the stored ones; `event` is the raw JSON, cut to 2 kB. */
  rejects: { rejection: Rejection; event: string }[]
  dropped: { [reason in DropReason]?: number }
}

/** What became of a batch's events; returned only after the commit. */
export interface Outcome {
  accepted: number
  duplicates: number
  /** Events that only the database could refuse. */
  rejected: Rejection[]
}

/**
 * Takes batches and resolves once they are durable.
 *
 * @throws a `Problem` with code `storage_unavailable` (503) where it cannot now but may later
 */
export interface Sink {
  write(batch: CheckedBatch): Promise<Outcome>
  /** As `write`, for the batches of one request: in one transaction where the sink can. */
  writeAll(batches: CheckedBatch[]): Promise<Outcome[]>
  /** Waits for what is under way. */
  close(): Promise<void>
}
