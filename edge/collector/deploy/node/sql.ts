/** Reads the schema's SQL files from disk, for the migration runner. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Migration, SqlFile, SqlSource } from '../../src/storage/migration.ts'

/** The folder `sql/` of this package, from the source tree as from the built one. */
function sqlFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  for (const up of ['../../sql', '../sql', './sql', '../../../sql']) {
    const folder = join(here, up)
    if (filesIn(folder, 'prelude.sql').length > 0) return folder
  }
  throw new Error(`No folder sql/ was found near ${here}. Reinstall @nunchi/collector.`)
}

function filesIn(folder: string, ending: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .sort()
  } catch {
    return []
  }
}

function readAll(folder: string): SqlFile[] {
  return filesIn(folder, '.sql').map((file) => ({
    name: `sql/${folder.endsWith('views') ? 'views' : 'functions'}/${file}`,
    sql: readFileSync(join(folder, file), 'utf8'),
  }))
}

function readMigration(folder: string, file: string): Migration {
  const match = /^(\d{4})_([a-z0-9_]+)\.up\.sql$/.exec(file)
  if (!match) throw new Error(`sql/migrations/${file} must be named like 0001_name.up.sql.`)
  const up = join(folder, file)
  return {
    version: Number(match[1]),
    name: match[2]!,
    up: readFileSync(up, 'utf8'),
    down: readFileSync(up.replace(/\.up\.sql$/, '.down.sql'), 'utf8'),
  }
}

/** The prelude, the migrations in order, and every function and view. */
export function loadSql(folder: string = sqlFolder()): SqlSource {
  const migrations = join(folder, 'migrations')
  return {
    prelude: readFileSync(join(folder, 'prelude.sql'), 'utf8'),
    migrations: filesIn(migrations, '.up.sql').map((file) => readMigration(migrations, file)),
    functions: readAll(join(folder, 'functions')),
    views: readAll(join(folder, 'views')),
  }
}

/** What the newest migration and the functions make of a database, as `schemaText()` writes it: `sql/schema.sql`. */
export function loadSnapshot(folder: string = sqlFolder()): string {
  return readFileSync(join(folder, 'schema.sql'), 'utf8')
}
