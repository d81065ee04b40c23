/** A PGlite with nunchi's schema, unpacked instead of made: making one takes seconds, and dozens of test files want one. */
import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { sweep } from '../../../scripts/lib/fingerprint.ts'
import { loadSql } from '../deploy/node/sql.ts'
import { migrateUp } from '../src/storage/migrate.ts'
import { pgliteSession } from '../src/storage/pglite.ts'

const folder = join(import.meta.dirname, '../../../node_modules/.cache/nunchi/pglite')

/** Of what makes the database: the SQL, the PGlite, and the day, whose months have partitions. */
function nameNow(): string {
  const engine = readFileSync(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const hash = createHash('sha256').update(JSON.stringify(loadSql())).update(engine)
  return `${new Date().toISOString().slice(0, 10)}-${hash.digest('hex').slice(0, 32)}.tar`
}

async function make(file: string): Promise<void> {
  const db = await PGlite.create()
  await migrateUp(pgliteSession(db), loadSql())
  // So that whoever opens a copy has nothing to recover.
  await db.exec('checkpoint')
  const dump = await db.dumpDataDir('none')
  await db.close()
  mkdirSync(folder, { recursive: true })
  sweep(folder)
  // Another test file may do the same at this moment: what has its name is whole.
  const unfinished = `${file}.${randomUUID()}`
  writeFileSync(unfinished, new Uint8Array(await dump.arrayBuffer()))
  renameSync(unfinished, file)
}

/** The tar of one as `migrateUp` makes it of nothing. */
async function archive(): Promise<string> {
  const file = join(folder, nameNow())
  if (!existsSync(file)) await make(file)
  return file
}

/** One in memory. Close it when done. */
export async function migratedPglite(): Promise<PGlite> {
  return PGlite.create({ loadDataDir: new Blob([readFileSync(await archive())]) })
}

/** Puts one into a folder such as `--data` and `NUNCHI_DATA` name: for tests that do not ask how it came there. */
export async function migratedFolder(directory: string): Promise<void> {
  const data = join(directory, 'pg')
  mkdirSync(data, { recursive: true })
  execFileSync('tar', ['-xf', await archive(), '-C', data], { stdio: 'pipe' })
}
