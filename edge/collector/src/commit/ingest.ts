/** The seam of the commit path: what writes a group of batches, and the plain call that does. */
import type { Rejection } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import type { CheckedBatch, Outcome } from '../sink/sink.ts'
import type { Storage } from '../storage/storage.ts'

/** What became of one batch: stored, or why not. */
export type Written = Outcome | Problem

/**
 * Writes batches in one transaction; resolves after its commit, with one result a batch, in their order.
 *
 * @throws the database's error where none was written
 */
export type Write = (batches: CheckedBatch[]) => Promise<Written[]>

/** As `Write`, but answers for each batch and never throws. */
export type WriteEach = (batches: CheckedBatch[]) => Promise<Written[]>

interface Answer {
  batches: {
    batch: string
    accepted?: number
    duplicates?: number
    rejected?: Rejection[]
    error?: string
  }[]
}

/** Writes a group by one call of `nunchi.ingest`. */
export function ingest(storage: Storage): Write {
  return async (batches) => {
    const args = { batches: batches.map(({ id, ...rest }) => ({ batch: id, ...rest })) }
    const answer = await storage.call<Answer>('ingest', args)
    return batches.map((batch, i) => {
      const result = answer?.batches?.[i]
      if (result?.error === 'key_unknown') return new Problem('key_unknown')
      if (result?.batch !== batch.id || result.error)
        throw new Error(
          `nunchi.ingest answered for batch ${result?.batch} (${result?.error}), not ${batch.id}`,
        )
      const { accepted = 0, duplicates = 0, rejected = [] } = result
      return { accepted, duplicates, rejected }
    })
  }
}
