/** The collector's program with one protection taken out, named by WITHOUT: what controls are played with. */

import { openDatabase } from '../../../edge/collector/deploy/node/database.ts'
import { serveCollector } from '../../../edge/collector/deploy/node/index.ts'
import { createCollector, everything, type Storage } from '../../../edge/collector/src/index.ts'

interface Batches {
  batches: { batch: string; receivedAt: number; sentAt: number; events: unknown[] }[]
}

const answerTo = ({ batches }: Batches) => ({
  batches: batches.map(({ batch, events }) => ({
    batch,
    accepted: events.length,
    duplicates: 0,
    rejected: [],
  })),
})

/** Changes what happens to `ingest`, and nothing else. */
function weaken(storage: Storage, ingest: (args: Batches) => Promise<unknown>): Storage {
  return {
    ...storage,
    call: <Result>(fn: string, args: unknown) =>
      (fn === 'ingest' ? ingest(args as Batches) : storage.call(fn, args)) as Promise<Result>,
  }
}

const variants: { [without: string]: (storage: Storage) => Storage } = {
  // Acknowledges before the commit.
  commit: (storage) =>
    weaken(storage, async (args) => {
      storage.call('ingest', args).catch(() => {})
      return answerTo(args)
    }),
  // Takes an event that the database cannot store for a database in trouble.
  isolation: (storage) =>
    weaken(storage, (args) =>
      storage.call('ingest', args).catch((error: Error & { code?: string }) => {
        throw Object.assign(new Error(error.message), { code: '08006' })
      }),
    ),
  // Believes every device's clock.
  skew: (storage) =>
    weaken(storage, ({ batches }) =>
      storage.call('ingest', { batches: batches.map((one) => ({ ...one, receivedAt: one.sentAt })) }),
    ),
  // Stops at once when it is asked to.
  drain: (storage) => storage,
}

const { DATABASE_URL: url = '', WITHOUT: without = '' } = process.env
const weakened = variants[without]
if (!weakened) throw new Error(`WITHOUT must be one of ${Object.keys(variants).join(', ')}.`)
const storage = weakened(await openDatabase({ postgres: url }))
const log = (line: string) => console.log(line)
const serving = await serveCollector({
  collector: createCollector({ storage, use: everything(), log }),
  port: 0,
})
console.log(JSON.stringify({ msg: 'listening', url: serving.url }))
process.once('SIGTERM', async () => {
  if (without !== 'drain') await serving.close()
  process.exit(0)
})
