/** Takes a source's rows in part by part, each committed before its place is written down. */
import { createHash, randomUUID } from 'node:crypto'
import { type Importer, importer, type LegacyRow, type Storage } from '@nunchi/collector'
import { actor } from '../actor.ts'
import type { Database } from '../database/open.ts'
import type { Project } from '../project-named.ts'
import { version } from '../version.ts'
import { progress } from './progress.ts'
import { readRow, type Span, spanOf } from './read-row.ts'
import type { Source, SourcePart } from './source.ts'

/** A row that was left out. */
export interface BadRow {
  place: string
  reason: string
}

/** What an import came to, the parts before an interruption included. */
export interface Imported {
  rows: number
  accepted: number
  duplicates: number
  bad: number
  /** Whether it went on with one that had been cut off. */
  resumed: boolean
  seconds: number
}

/** What to import, and who hears of bad rows. */
export interface ImportOptions {
  project: Project
  environment: string
  source: Source
  onBad(row: BadRow): void
  onStart(resumedAfter: number): void
  /** Rows a part. @default 4_000 */
  partSize?: number
}

interface Run {
  keyHash: string
  cursor: string | null
  rows: number
  accepted: number
  duplicates: number
  bad: number
  resumed: boolean
}

const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7)

/** Makes the months that rows are of, each asked for once. */
function months(owner: Storage): (rows: LegacyRow[]) => Promise<void> {
  const stand = new Set<string>()
  return async (rows) => {
    const now = monthOf(Date.now())
    const missing = [...new Set(rows.map(({ ts }) => monthOf(ts)))].filter(
      (month) => month <= now && !stand.has(month),
    )
    if (missing.length === 0) return
    await owner.call('make_months', { months: missing })
    for (const month of missing) stand.add(month)
  }
}

/** Reads a part's rows, and tells the bad ones. */
function readPart({ rows }: SourcePart, span: Span, onBad: ImportOptions['onBad']) {
  const good: { place: string; row: LegacyRow }[] = []
  for (const source of rows) {
    const row = readRow(source, span)
    if (typeof row === 'string') onBad({ place: source.place, reason: row })
    else good.push({ place: source.place, row })
  }
  return good
}

/** Imports all of a source. What was cut off goes on where the last part was committed; nothing counts twice. */
export async function runImport({ app, owner }: Database, options: ImportOptions): Promise<Imported> {
  const { project, environment, source, onBad, onStart, partSize = 4_000 } = options
  const { projectId, retentionDays } = project
  const which = { projectId, environment, source: source.name, actor: actor() }
  const started = Date.now()
  // Nobody has the text of this key: only its hash is made.
  const keyHash = createHash('sha256').update(randomUUID()).digest('hex')
  const run = await owner.call<Run>('import_start', { ...which, keyHash })
  onStart(run.resumed ? run.rows : 0)
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const into: Importer = importer({
    storage: app,
    projectId,
    keyHash: run.keyHash,
    sdk: `nunchi-import/${version}`,
    log,
  })
  const makeMonths = months(owner)
  const span = spanOf(started, retentionDays)
  const sum = { rows: run.rows, accepted: run.accepted, duplicates: run.duplicates, bad: run.bad }
  const telling = progress()
  try {
    for await (const part of source.parts(run.cursor, partSize)) {
      const good = readPart(part, span, onBad)
      await makeMonths(good.map(({ row }) => row))
      const { accepted, duplicates, refused } = await into.write(good.map(({ row }) => row))
      for (const { at, detail } of refused) onBad({ place: good[at]?.place ?? 'a row', reason: detail })
      const bad = part.rows.length - good.length + refused.length
      const counts = { rows: part.rows.length, accepted, duplicates, bad }
      await owner.call('import_advance', { ...which, ...counts, cursor: part.cursor })
      for (const key of ['rows', 'accepted', 'duplicates', 'bad'] as const) sum[key] += counts[key]
      telling.tell(sum.rows - run.rows, part.progress)
    }
    await owner.call('import_advance', { ...which, rows: 0, accepted: 0, duplicates: 0, bad: 0, done: true })
  } finally {
    telling.end()
    await into.close()
  }
  return { ...sum, resumed: run.resumed, seconds: (Date.now() - started) / 1000 }
}
