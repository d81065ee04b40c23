/** Makes of `sql/` the migrations folder that Supabase's CLI reads: `deploy/supabase/migrations`. */
import { checksum } from '../src/storage/migrate.ts'
import type { Migration, SqlSource } from '../src/storage/migration.ts'

/** A file of the folder, by its name. */
export interface FolderFile {
  name: string
  text: string
}

const head = '-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.\n'

/** Supabase orders by this number and applies each once; the schema's own number stands where hours and minutes do. */
const stamp = (version: number, part: number): string =>
  `20261101${String(version).padStart(4, '0')}${String(part).padStart(2, '0')}`

const owned = (sql: string): string => `set role nunchi_owner;\n\n${sql.trim()}\n\nreset role;\n`

async function migrationFile({ version, name, up }: Migration): Promise<FolderFile> {
  const booked = `insert into nunchi.schema_migrations (version, name, checksum)\nvalues (${version}, '${name}', '${await checksum(up)}');`
  return { name: `${stamp(version, 0)}_nunchi_${name}.sql`, text: head + owned(`${up.trim()}\n\n${booked}`) }
}

/** The migration after which the prelude changed for the last time: it runs again there, which does no harm. */
const preludeAfter = 2

/**
 * The prelude and the functions of earlier releases, with their SHA-256: a project that ran such a file has it booked, and one
 * that runs them all now passes through it, since the tables of that moment are what it was made for. They
 * stay as they are. At a release the newest functions file joins them; until then it is written anew.
 */
export const released: { [name: string]: string } = {
  '20261101000000_nunchi_prelude.sql': 'd1acf7c427d0e5f04296a26a14ce9d34c0496923069bd10aeb4f7b333778fad5',
  '20261101000201_nunchi_functions.sql': 'b63630a7afe9ff61ea59395848302ab93f6c0c2a6d2c5d4d9ee9a8ec961e8579',
}

/**
 * The files: the prelude as it is now, each migration, and after the newest one every function and view with Supabase's
 * grants. What a project lacks comes after what it has: each new migration brings a functions file of its own
 * number. A change of functions alone needs a new migration beside it, if only one with a comment.
 */
export async function supabaseFolder(source: SqlSource, grants: string): Promise<FolderFile[]> {
  const newest = source.migrations.at(-1)?.version ?? 0
  const again = [...source.views, ...source.functions].map(({ sql }) => sql.trim()).join('\n\n')
  const partitions = "select nunchi.make_partitions('{}');"
  return [
    { name: `${stamp(preludeAfter, 99)}_nunchi_prelude.sql`, text: head + source.prelude },
    ...(await Promise.all(source.migrations.map(migrationFile))),
    {
      name: `${stamp(newest, 1)}_nunchi_functions.sql`,
      text: `${head}${owned(`set check_function_bodies = off;\n\n${again}\n\nreset check_function_bodies;\n${partitions}`)}\n${grants}`,
    },
  ]
}
