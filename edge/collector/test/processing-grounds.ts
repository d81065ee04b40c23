/** Runs a suite about processing on PGlite and on every Postgres that this machine has. */

import { afterAll, beforeAll, describe } from 'vitest'
import { pglite } from '../src/storage/pglite.ts'
import { migratedPglite } from './migrated-pglite.ts'
import { createDatabase, describePostgres } from './postgres.ts'
import type { Ground } from './processing.ts'

type OpenGround = Ground & { close(): Promise<unknown> }

/** Asks in SQL; `$p` stands for the project. Each row as its values, a space between them. */
export type Rows = (projectId: string, text: string) => Promise<string[]>

/** A time of a text, in ms. */
export const at = (time: string): number => Date.parse(time)

function run(suite: (ground: Ground, rows: Rows) => void, open: () => Promise<OpenGround>): void {
  let opened: OpenGround
  beforeAll(async () => {
    opened = await open()
  }, 60_000)
  afterAll(() => opened?.close())
  // The suite is told before the database is open; each test reads it when it runs.
  const ground: Ground = {
    get app() {
      return opened.app
    },
    get owner() {
      return opened.owner
    },
    query: (text) => opened.query(text),
  }
  suite(ground, async (projectId, text) =>
    (await opened.query(text.replaceAll('$p', `'${projectId}'`))).map((row) => Object.values(row).join(' ')),
  )
}

/** Tells the suite once for each ground. */
export function describeGrounds(name: string, suite: (ground: Ground, rows: Rows) => void): void {
  describe(`${name}, on PGlite`, () => {
    run(suite, async () => {
      const db = await migratedPglite()
      return {
        app: pglite(db),
        owner: pglite(db, { role: 'nunchi_owner' }),
        query: async (text) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[],
        close: () => db.close(),
      }
    })
  })
  describePostgres(name, (server) => {
    run(suite, async () => {
      const { app, owner, sql, drop } = await createDatabase(server)
      return { app, owner, query: async (text) => [...(await sql.unsafe(text))], close: drop }
    })
  })
}
