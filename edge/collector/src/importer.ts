/** Brings older events in: rows of another system become events, by the checks and the sink that all events take. */
import { type Event, type Json, uuidv7 } from '@nunchi/protocol'
import { foreignId } from './foreign-id.ts'
import type { Log } from './log.ts'
import { clean } from './parse/clean.ts'
import { checkEvent } from './parse/event.ts'
import type { Refusal } from './parse/refusal.ts'
import { sizeFault } from './parse/size.ts'
import { direct } from './sink/direct.ts'
import type { Storage } from './storage/storage.ts'

/** A row of another system. */
export interface LegacyRow {
  /** Its id there; of any form and length. With `ts` it names the event, so both must stay the same. */
  id: string
  name: string
  /** When it happened, in ms since the epoch. */
  ts: number
  userId?: string
  /** @default 'imported', where there is no `userId` either */
  anonymousId?: string
  sessionId?: string
  properties?: Json
}

/** A row that is no event, or that the database refused. */
export interface RefusedRow {
  /** Its place among the rows given. */
  at: number
  /** A code of docs/reference/errors.md. */
  code: string
  /** What is wrong with it. */
  detail: string
}

/** What became of some rows; all of it is committed. */
export interface ImportedRows {
  accepted: number
  /** Rows that were there already. */
  duplicates: number
  refused: RefusedRow[]
}

/** Where rows go. */
export interface ImporterOptions {
  storage: Storage
  projectId: string
  /** SHA-256 of the key that they are written with, hex. */
  keyHash: string
  /** Named in the column `sdk`. */
  sdk: string
  log: Log
  /** @default Date.now */
  now?: () => number
}

/** Takes rows. */
export interface Importer {
  /** Stores rows, each once however often it is given. Resolves after the commit. */
  write(rows: LegacyRow[]): Promise<ImportedRows>
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** As many as a page may send at once; two such batches share a commit. */
const batchSize = 500

/** Makes an importer. */
export function importer(options: ImporterOptions): Importer {
  const { storage, projectId, keyHash, sdk, log, now = Date.now } = options
  const sink = direct(storage, { groupCommitMs: 1, timeoutMs: 60_000, now, log })
  const batchId = uuidv7(now)

  /** An old event is no fault here: it is held to the limits of age by its own clock. */
  async function eventOf(row: LegacyRow): Promise<Event | Refusal> {
    const { id, ts, anonymousId, userId, ...rest } = row
    const visitor = anonymousId ?? (userId === undefined ? 'imported' : undefined)
    const named = {
      id: await foreignId(projectId, `import ${id}`, ts),
      type: 'track',
      tab: 'import',
      seq: 0,
      sdk,
    }
    const raw = clean({ ...rest, ...named, ts, userId: userId ?? null, anonymousId: visitor ?? null } as Json)
    const checked = checkEvent(raw, ts)
    return 'code' in checked ? checked : (sizeFault(checked) ?? checked)
  }

  async function store(good: { at: number; event: Event }[]): Promise<ImportedRows> {
    const time = now()
    const outcome = await sink.write({
      id: batchId(),
      keyHash,
      receivedAt: time,
      sentAt: time,
      context: {},
      events: good.map(({ event }) => event),
      rejects: [],
      dropped: {},
    })
    const refused = outcome.rejected.map(({ index, code, detail }) => ({
      at: good[index]?.at ?? index,
      code,
      detail: detail.replace(/^events\[\d+\]\.?/, '').trim(),
    }))
    return { accepted: outcome.accepted, duplicates: outcome.duplicates, refused }
  }

  return {
    async write(rows) {
      const refused: RefusedRow[] = []
      const good: { at: number; event: Event }[] = []
      const checked = await Promise.all(rows.map(eventOf))
      checked.forEach((one, at) => {
        if ('code' in one) refused.push({ at, code: one.code, detail: one.fault.replace(/^\./, '').trim() })
        else good.push({ at, event: one })
      })
      const batches = Array.from({ length: Math.ceil(good.length / batchSize) }, (_, i) =>
        store(good.slice(i * batchSize, (i + 1) * batchSize)),
      )
      const parts = await Promise.all(batches)
      return {
        accepted: parts.reduce((sum, part) => sum + part.accepted, 0),
        duplicates: parts.reduce((sum, part) => sum + part.duplicates, 0),
        refused: [...refused, ...parts.flatMap((part) => part.refused)].sort((a, b) => a.at - b.at),
      }
    },
    close: () => sink.close(),
  }
}
