/** Finds the event that the database cannot store, so that only it is refused and all others are kept. */
import type { Event } from '@nunchi/protocol'
import { boundedMap } from '../bounded-map.ts'
import { failureOf, unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import type { CheckedBatch, Outcome } from '../sink/sink.ts'
import type { Write, WriteEach, Written } from './ingest.ts'
import { halves, type Piece, recordOf, unstorable, wholeOf } from './pieces.ts'

/** What isolation needs to know and to tell. */
export interface IsolationOptions {
  /** The most calls that one group may cost. @default 64 */
  maxCalls?: number
  /** Called when a batch turned out to hold something that cannot be stored. */
  onPoison?(keyHash: string): void
  /** Called when the database refused even to record refused events; they are reported to the sender alone. */
  onUnrecorded?(error: unknown): void
}

const spent = (): Problem =>
  new Problem('storage_unavailable', {
    detail:
      'The batch holds several events that the database cannot store, and not all of them are found yet.',
    retryAfter: 1,
  })

/** The outcome of a piece of one event, refused; its index counts within the piece. */
const refusal = (event: Event, position: number): Outcome => ({
  accepted: 0,
  duplicates: 0,
  rejected: [{ ...unstorable(event, position), index: 0 }],
})

/** Gathers the results of pieces into one result a batch. */
function gathering(count: number) {
  const results = Array.from({ length: count }, (): Written => ({ accepted: 0, duplicates: 0, rejected: [] }))
  return {
    results,
    add({ at, positions }: Piece, written: Written | undefined) {
      const result = results[at]
      if (result === undefined || written === undefined || result instanceof Problem) return
      if (written instanceof Problem) {
        results[at] = written
        return
      }
      result.accepted += written.accepted
      result.duplicates += written.duplicates
      for (const one of written.rejected)
        result.rejected.push({ ...one, index: positions[one.index] ?? one.index })
    },
  }
}

/**
 * Wraps `write`: where the database refuses the data (SQLSTATE class 22, 23 or 54), the group is halved, then the
 * batch, down to the one event that it cannot store. That one is rejected as `event_unstorable` and recorded;
 * everything else is committed. A batch with more such events than the calls suffice for gets a 503, and those
 * found so far are remembered, so that each new attempt gets further.
 */
export function isolating(write: Write, options: IsolationOptions = {}): WriteEach {
  const { maxCalls = 64, onPoison, onUnrecorded } = options
  const known = boundedMap<string, true>(10_000)
  const nameOf = (batch: CheckedBatch, id: string) => `${batch.keyHash} ${id}`

  return async (batches) => {
    const { results, add } = gathering(batches.length)
    let calls = 0
    let down: Problem | undefined

    function fail(pieces: Piece[], problem: Problem): undefined {
      for (const piece of pieces) add(piece, problem)
    }

    /** Writes pieces. Gives the error back where the data is at fault. */
    async function attempt(pieces: Piece[]): Promise<unknown> {
      const stop = down ?? (calls >= maxCalls ? spent() : undefined)
      if (stop) return fail(pieces, stop)
      calls++
      try {
        const written = await write(pieces.map((piece) => piece.batch))
        for (const [i, piece] of pieces.entries()) add(piece, written[i])
        return undefined
      } catch (error) {
        if (failureOf(error) === 'poison') return error
        down = unavailable(error)
        return fail(pieces, down)
      }
    }

    async function refuse(piece: Piece, error: unknown): Promise<void> {
      onPoison?.(piece.batch.keyHash)
      const [event] = piece.batch.events
      if (!event) return onUnrecorded?.(error)
      known.set(nameOf(piece.batch, event.id), true)
      const unrecorded = await attempt([recordOf(piece, event)])
      if (unrecorded !== undefined) onUnrecorded?.(unrecorded)
      add(piece, refusal(event, piece.positions[0] ?? 0))
    }

    async function store(pieces: Piece[]): Promise<void> {
      const error = await attempt(pieces)
      if (error === undefined) return
      const split = halves(pieces)
      if (!split) return pieces[0] && refuse(pieces[0], error)
      await store(split[0])
      await store(split[1])
    }

    const whole = batches.map((batch, at) => {
      const piece = wholeOf(
        batch,
        at,
        (event) => known.size > 0 && known.get(nameOf(batch, event.id)) === true,
      )
      const kept = new Set(piece.positions)
      batch.events.forEach((event, i) => {
        if (!kept.has(i)) add({ ...piece, positions: [i] }, refusal(event, i))
      })
      return piece
    })
    await store(whole)
    return results
  }
}
