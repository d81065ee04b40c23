/** A model of Postgres behind the storage seam: one table, transactions that hold or do not, and faults. */

import type { Storage } from '../../edge/collector/src/index.ts'
import type { Event, Rejection } from '../../packages/protocol/src/index.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** How the database behaves now. */
export type DatabaseMood = 'good' | 'refused' | 'aborts' | 'reply-lost' | 'hangs' | 'read-only'

/** The database of a simulation. */
export interface Database {
  storage: Storage
  mood: DatabaseMood
  /** The stored events, in the order in which they came. */
  rows: Event[]
  /** Their ids. */
  ids: Set<string>
  /** Ids of events that were refused by name. */
  rejected: Set<string>
  /** The name of events that no Postgres would take. */
  readonly poison: string
}

interface IngestBatch {
  batch: string
  events: Event[]
  rejects: { rejection: Rejection }[]
}

const failure = (code: string) => Object.assign(new Error(code), { code })

/** A protection that is taken out, to see that its absence is noticed. */
export type Without = 'commit' | 'unique' | 'disk'

/** Makes an empty database, with every protection but one. */
export function createDatabase(clock: Clock, random: Random, without?: Without): Database {
  const poison = 'poison'

  const commit = (batches: IngestBatch[]) => {
    const answers = batches.map(({ batch, events, rejects }) => {
      for (const { rejection } of rejects) if (rejection.id) database.rejected.add(rejection.id)
      let accepted = 0
      for (const event of events) {
        if (database.ids.has(event.id) && without !== 'unique') continue
        database.ids.add(event.id)
        database.rows.push(event)
        accepted++
      }
      return { batch, accepted, duplicates: events.length - accepted, rejected: [] }
    })
    return { batches: answers }
  }

  const answerTo = (batches: IngestBatch[]) => ({
    batches: batches.map(({ batch, events }) => ({
      batch,
      accepted: events.length,
      duplicates: 0,
      rejected: [],
    })),
  })

  const ingest = async (batches: IngestBatch[]) => {
    const mood = random.chance(0.8) ? database.mood : 'good'
    if (mood === 'refused') throw failure('57P03')
    if (mood === 'read-only') throw failure('25006')
    if (mood === 'aborts' && without === 'commit') return answerTo(batches)
    if (mood === 'aborts') throw failure('40001')
    // A value that no column takes spoils the whole transaction, whoever else is in it.
    if (batches.some(({ events }) => events.some(({ name }) => name === poison))) throw failure('22P05')
    const answer = commit(batches)
    if (mood === 'hangs') return new Promise(() => {})
    if (mood === 'reply-lost') throw failure('08006')
    return answer
  }

  const database: Database = {
    mood: 'good',
    rows: [],
    ids: new Set(),
    rejected: new Set(),
    poison,
    storage: {
      async call<Result>(fn: string, args: unknown): Promise<Result> {
        await clock.sleep(random.int(1, 30))
        // As text and back, as a driver sends it: nothing is shared with the caller.
        const given = JSON.parse(JSON.stringify(args)) as { batches: IngestBatch[] }
        if (fn === 'ingest') return (await ingest(given.batches)) as Result
        if (database.mood === 'refused') throw failure('57P03')
        if (fn === 'health') return { ok: true, version: 1, queue: 0 } as Result
        const key = { keyId: 1, projectId: 'p', projectName: 'p', environment: 'production', kind: 'pub' }
        return { ...key, scopes: [], origins: [], rateLimit: null, internal: false } as Result
      },
      async close() {},
    },
  }
  return database
}
