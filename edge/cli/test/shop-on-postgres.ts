/** A project on a real Postgres that the command line works on, for the tests of one `describe`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../collector/test/postgres.ts'
import { cli } from './in-process.ts'

/** What the tests work with. */
export interface ShopOnPostgres {
  /** A folder of their own; there once the tests run. */
  readonly dir: string
  readonly database: TestDatabase
  /** A file that holds this: a text as it stands, anything else as JSON. */
  file(content: unknown): string
  /** What a run prints that succeeds, and complains of nothing. */
  fine(...words: string[]): Promise<string>
  /** The same, read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each command answers another shape
  json(...words: string[]): Promise<any>
}

/** Makes the project `shop` before the tests, and removes it after them. */
export function shopOnPostgres(server: Parameters<typeof createDatabase>[0]): ShopOnPostgres {
  let dir: string
  let database: TestDatabase
  let files = 0
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'nunchi-shop-'))
    database = await createDatabase(server)
    vi.stubEnv('DATABASE_URL', database.appUrl)
    vi.stubEnv('NUNCHI_MIGRATE_URL', database.url)
    await cli('keys', 'create', '--project', 'shop')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true, force: true })
    await database?.drop()
  })
  const fine = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await cli(...words)
    expect([code, err]).toEqual([0, ''])
    return out
  }
  return {
    get dir() {
      return dir
    },
    get database() {
      return database
    },
    file(content) {
      const path = join(dir, `${++files}.json`)
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
      return path
    },
    fine,
    json: async (...words) => JSON.parse(await fine(...words, '--json')),
  }
}
