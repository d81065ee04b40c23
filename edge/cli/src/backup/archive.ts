/** Reads an archive of pg_dump to its last byte: what is in it, and how many rows of each table. */
import { closeSync, openSync, readSync } from 'node:fs'
import { CliError } from '../cli-error.ts'
import type { Counts } from './counts.ts'
import { countDumpRows } from './dump-rows.ts'
import type { Program } from './find-program.ts'
import { ProgramError, runProgram } from './program.ts'

/** What a backup is of. */
export type BackupKind = 'postgres' | 'folder'

/** An archive that was read, and the program that can read it. */
export interface Archive {
  file: string
  program: Program
  /** The lines of its table of contents. */
  contents: string[]
  counts: Counts
}

/**
 * Tells by its first bytes what a file is a backup of.
 *
 * @throws CliError `file_missing`, `backup_unreadable`
 */
export function backupKind(file: string): BackupKind {
  const head = Buffer.alloc(5)
  try {
    const handle = openSync(file, 'r')
    readSync(handle, head)
    closeSync(handle)
  } catch (error) {
    throw new CliError(
      'file_missing',
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); name the file that nunchi backup wrote.`,
      error,
    )
  }
  if (head.toString('latin1') === 'PGDMP') return 'postgres'
  if (head[0] === 0x1f && head[1] === 0x8b) return 'folder'
  throw new CliError(
    'backup_unreadable',
    `${file} is no backup of nunchi's; name one that nunchi backup wrote.`,
  )
}

async function contentsOf(file: string, program: Program): Promise<string[]> {
  let text = ''
  await runProgram(program.path, {
    args: ['--list', file],
    async read(output) {
      for await (const chunk of output) text += Buffer.from(chunk)
    },
  })
  return text.split('\n')
}

async function rowsOf(file: string, program: Program): Promise<Counts | undefined> {
  let counts: Counts | undefined
  await runProgram(program.path, {
    args: ['--data-only', '--file=-', file],
    async read(output) {
      counts = await countDumpRows(output)
    },
  })
  return counts
}

/**
 * Reads all of it, with the first of the programs that can.
 *
 * @throws CliError `backup_unreadable`
 */
export async function readArchive(file: string, programs: Program[]): Promise<Archive> {
  let why = ''
  for (const program of programs)
    try {
      const contents = await contentsOf(file, program)
      if (!contents.some((line) => / SCHEMA - nunchi /.test(line))) {
        why = 'it holds no schema nunchi'
        break
      }
      const counts = await rowsOf(file, program)
      if (counts) return { file, program, contents, counts }
      why = 'it ends within a table'
      break
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error
      why ||= error.message
    }
  throw new CliError(
    'backup_unreadable',
    `${file} cannot be read as a backup: ${why}. Take another one, or a pg_restore as new as the pg_dump that made it.`,
  )
}
