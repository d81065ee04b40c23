/** Writes `sql/schema.sql` and `deploy/supabase/migrations` anew: node edge/collector/test/generate.ts */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { schemaText } from '../deploy/node/schema-text.ts'
import { loadSql } from '../deploy/node/sql.ts'
import { migrateUp } from '../src/storage/migrate.ts'
import { pgliteSession } from '../src/storage/pglite.ts'
import { supabaseFolder } from './supabase-folder.ts'

const room = join(import.meta.dirname, '..')
const source = loadSql()

const db = await PGlite.create()
await migrateUp(pgliteSession(db), source)
writeFileSync(join(room, 'sql/schema.sql'), await schemaText(pgliteSession(db)))
await db.close()

const grants = readFileSync(join(room, 'deploy/supabase/grants.sql'), 'utf8')
for (const { name, text } of await supabaseFolder(source, grants))
  writeFileSync(join(room, 'deploy/supabase/migrations', name), text)
