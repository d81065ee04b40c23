/** Pieces of batches, and how they are halved while looking for an event that cannot be stored. */
import type { Event, Rejection } from '@nunchi/protocol'
import type { CheckedBatch } from '../sink/sink.ts'

/** Some events of a batch; `positions` says where in the batch each of them stood. */
export interface Piece {
  batch: CheckedBatch
  /** The batch's position in its group. */
  at: number
  positions: number[]
}

/** Whether a batch carries more than events: refused ones to record, drops to count. */
const hasRecords = ({ rejects, dropped }: CheckedBatch): boolean =>
  rejects.length > 0 || Object.keys(dropped).length > 0

/** How the refusal of an event reads to its sender. */
export function unstorable(event: Event, index: number): Rejection {
  return {
    index,
    id: event.id,
    code: 'event_unstorable',
    detail: `events[${index}] passed every check, but the database cannot store it.`,
    fix: 'Report it with the event’s JSON; it is kept among the rejected events.',
    docs: '',
  }
}

/** A piece that records `event` as refused and stores nothing. */
export function recordOf({ batch, at, positions }: Piece, event: Event): Piece {
  const text = JSON.stringify(event).slice(0, 2000).toWellFormed()
  const index = batch.positions?.[batch.events.indexOf(event)] ?? positions[0] ?? 0
  const rejects = [{ rejection: unstorable(event, index), event: text }]
  return { batch: { ...batch, events: [], rejects, dropped: {} }, at, positions }
}

/** Where those of a batch's events stood as sent, if it matters. */
const sent = ({ positions }: CheckedBatch, places: number[]): { positions?: number[] } =>
  positions ? { positions: places.map((i) => positions[i] ?? i) } : {}

/** The whole of a batch, but for events that `isKnown` names: those are only recorded. */
export function wholeOf(batch: CheckedBatch, at: number, isKnown: (event: Event) => boolean): Piece {
  const positions: number[] = []
  const rejects = [...batch.rejects]
  batch.events.forEach((event, i) => {
    if (isKnown(event)) rejects.push(...recordOf({ batch, at, positions: [i] }, event).batch.rejects)
    else positions.push(i)
  })
  if (positions.length === batch.events.length) return { batch, at, positions }
  const events = positions.map((i) => batch.events[i] as Event)
  return { batch: { ...batch, ...sent(batch, positions), events, rejects }, at, positions }
}

function part({ batch, at, positions }: Piece, from: number, to: number): Piece {
  const events = batch.events.slice(from, to)
  const places = events.map((_, i) => from + i)
  const records = { rejects: [], dropped: {} }
  return {
    batch: { ...batch, ...sent(batch, places), ...records, events },
    at,
    positions: positions.slice(from, to),
  }
}

/**
 * Splits a group between its batches; a batch first into its records and its events, then its events in halves.
 *
 * @returns two groups, or `undefined` where there is nothing left to split
 */
export function halves(pieces: Piece[]): [Piece[], Piece[]] | undefined {
  const middle = pieces.length >> 1
  if (middle > 0) return [pieces.slice(0, middle), pieces.slice(middle)]
  const [piece] = pieces
  if (!piece || piece.batch.events.length === 0) return undefined
  const { length } = piece.batch.events
  if (hasRecords(piece.batch))
    return [[{ ...piece, batch: { ...piece.batch, events: [] }, positions: [] }], [part(piece, 0, length)]]
  if (length === 1) return undefined
  return [[part(piece, 0, length >> 1)], [part(piece, length >> 1, length)]]
}
