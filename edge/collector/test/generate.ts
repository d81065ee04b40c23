/** Writes `sql/schema.sql`, `deploy/supabase/migrations`, the data dictionary and the OpenAPI document anew: node edge/collector/test/generate.ts */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { schemaText } from '../deploy/node/schema-text.ts'
import { loadSql } from '../deploy/node/sql.ts'
import { migrateUp } from '../src/storage/migrate.ts'
import { pgliteSession } from '../src/storage/pglite.ts'
import { dataDictionary } from './data-dictionary.ts'
import { openApiText } from './openapi/document.ts'
import { released, supabaseFolder } from './supabase-folder.ts'

const room = join(import.meta.dirname, '..')
const source = loadSql()

writeFileSync(join(room, '../../docs/reference/openapi.json'), openApiText())

const db = await PGlite.create()
await migrateUp(pgliteSession(db), source)
writeFileSync(join(room, 'sql/schema.sql'), await schemaText(pgliteSession(db)))
writeFileSync(join(room, '../../docs/reference/data.md'), await dataDictionary(pgliteSession(db)))
await db.close()

const grants = readFileSync(join(room, 'deploy/supabase/grants.sql'), 'utf8')
const folder = join(room, 'deploy/supabase/migrations')
const files = await supabaseFolder(source, grants)
for (const { name, text } of files) writeFileSync(join(folder, name), text)
// What an unreleased state of sql/ once made of it.
const kept = new Set([...files.map(({ name }) => name), ...Object.keys(released)])
for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name))
