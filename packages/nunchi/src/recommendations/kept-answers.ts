/** The last lists on this device, in a database of their own: at hand before the network is, and without it. */
import type { RecommendationAnswer, Recommendations } from '@nunchi/protocol'
import { createStore, promisifyRequest } from 'idb-keyval'
import type { Known } from './history.ts'

/** An answer as it is kept. */
export interface KeptAnswer {
  /** The question's key. */
  key: string
  type: string
  answer: RecommendationAnswer
  neighbors: Recommendations['neighbors']
  generatedAt: string
  /** How many items were asked for. */
  limit: number
  /** When it was asked for, and until when it is fresh, in ms since the epoch. */
  asked: number
  until: number
}

/** All that is kept of one visitor. */
export interface Kept {
  /** Whose it is: the device's visitor, and the person once one is named. */
  who: string
  user?: string | undefined
  answers: KeptAnswer[]
  history: Known[]
}

/** What keeps it. */
export interface KeptAnswers {
  /** Resolves to what earlier pages have left; nothing where there is none, or it cannot be read. */
  read(): Promise<Kept | undefined>
  /**
   * Keeps it, in the order of the calls; what comes while one is written is written once, as it is last.
   *
   * @param written called once it is on the device, or cannot be
   */
  write(kept: Kept, written: () => void): void
  /** Removes the whole database. */
  clear(): void
}

/** An open that has not answered by then counts as failed, in ms. */
const patience = 2_000

const isKept = (kept: unknown): kept is Kept => {
  const { who, answers, history } = Object(kept) as Partial<Kept>
  return typeof who === 'string' && Array.isArray(answers) && Array.isArray(history)
}

/** Opens the database of lists that belongs to the client called `name`; without IndexedDB nothing is kept. */
export function openKeptAnswers(name: string): KeptAnswers {
  const database = `${name}-recommendations`
  let open: ReturnType<typeof createStore> | undefined
  let waiting: [kept: Kept, written: () => void] | undefined
  let writing = false

  const run = <Result>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Result | PromiseLike<Result>,
  ) =>
    new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(reject, patience)
      open ??= createStore(database, 'lists')
      open(mode, (store) => {
        const { db } = store.transaction
        // Another tab forgets the visitor: make way instead of blocking it.
        db.onversionchange = () => {
          db.close()
          open = undefined
        }
        return work(store)
      })
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    }).catch(() => {
      // Lists that are not kept are asked for again.
      open = undefined
      return undefined
    })
  const put = async () => {
    writing = true
    while (waiting) {
      const [kept, written] = waiting
      waiting = undefined
      await run('readwrite', (store) => {
        store.put(kept, 'kept')
        return promisifyRequest(store.transaction)
      })
      written()
    }
    writing = false
  }

  return {
    async read() {
      const kept = await run('readonly', (store) => promisifyRequest<unknown>(store.get('kept')))
      if (!isKept(kept)) return
      const { answers, history, ...who } = kept
      return {
        ...who,
        answers: answers.filter((one) => Array.isArray(one?.answer?.items) && one.neighbors),
        history: history.filter((one) => one?.item && one.at),
      }
    },
    write(kept, written) {
      waiting = [kept, written]
      if (!writing) put()
    },
    clear() {
      waiting = undefined
      try {
        indexedDB.deleteDatabase(database)
      } catch {
        // None in this browser: then nothing was kept.
      }
    },
  }
}
