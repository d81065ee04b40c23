/** The generated files are what their sources make, on every database that we support. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { describe, expect, it } from 'vitest'
import { schemaText } from '../../deploy/node/schema-text.ts'
import { loadSql } from '../../deploy/node/sql.ts'
import { dataDictionary } from '../../test/data-dictionary.ts'
import { createDatabase, describePostgres } from '../../test/postgres.ts'
import { released, supabaseFolder } from '../../test/supabase-folder.ts'
import { checksum, migrateUp } from './migrate.ts'
import type { MigrationSession } from './migration.ts'
import { pgliteSession } from './pglite.ts'
import { postgresSession } from './postgres.ts'

const room = join(import.meta.dirname, '../..')
const remedy =
  'What is under sql/ changed, the generated file did not. Run: node edge/collector/test/generate.ts'
const committed = readFileSync(join(room, 'sql/schema.sql'), 'utf8')

async function expectCommitted(session: MigrationSession): Promise<void> {
  expect(await schemaText(session), `sql/schema.sql: ${remedy}`).toBe(committed)
}

describe('sql/schema.sql', () => {
  it('is what the files make of PGlite, and so is the data dictionary', async () => {
    const db = await PGlite.create()
    await migrateUp(pgliteSession(db), loadSql())
    await expectCommitted(pgliteSession(db))
    const page = await dataDictionary(pgliteSession(db))
    expect(
      page,
      'A view, column or function of nunchi_data has no comment; write one in sql/views.',
    ).not.toContain('undescribed')
    expect(
      readFileSync(join(room, '../../docs/reference/data.md'), 'utf8'),
      `docs/reference/data.md: ${remedy}`,
    ).toBe(page)
    await db.close()
  })

  describePostgres('a real server', (server) => {
    it('gets the same schema', async () => {
      const db = await createDatabase(server)
      await expectCommitted(postgresSession(db.sql))
      await db.drop()
    })
  })
})

describe('sql/', () => {
  it('changes the case of codes and hosts alike in every language: in Turkish, inr is no INR', () => {
    const { functions, views } = loadSql()
    const loose = [...functions, ...views]
      // What people wrote as words is folded as their language has it.
      .filter(({ name }) => !name.endsWith('/item_words.sql'))
      .flatMap(({ name, sql }) =>
        [...sql.matchAll(/\b(?:upper|lower)\(/g)].map(
          ({ index }) => `${name}: ${sql.slice(index, index + 160)}`,
        ),
      )
      .filter((text) => !text.includes('collate "C"'))
    expect(loose).toEqual([])
  })
})

describe('deploy/supabase/migrations', () => {
  const folder = join(room, 'deploy/supabase/migrations')
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')

  it('is what sql/ makes of it', async () => {
    const files = await supabaseFolder(
      loadSql(),
      readFileSync(join(room, 'deploy/supabase/grants.sql'), 'utf8'),
    )
    const present = new Set(readdirSync(folder))
    for (const { name, text } of files) {
      expect(present.has(name), `${name} is missing. ${remedy}`).toBe(true)
      expect(read(name), `${name}: ${remedy}`).toBe(text)
    }
    const known = [...files.map(({ name }) => name), ...Object.keys(released)]
    expect([...present].toSorted(), `A file too many, or too few. ${remedy}`).toEqual(known.toSorted())
  })

  it('keeps the functions of each release as a project ran them', async () => {
    for (const [name, sum] of Object.entries(released))
      expect(await checksum(read(name)), `${name} was released: restore it`).toBe(sum)
  })

  it('is named as Supabase’s CLI reads it, in the order in which it must run', () => {
    const names = readdirSync(folder).sort()
    for (const name of names) expect(name).toMatch(/^\d{14}_[a-z0-9_]+\.sql$/)
    expect(names[0]).toMatch(/prelude/)
    expect(names.at(-1)).toMatch(/functions/)
  })
})
