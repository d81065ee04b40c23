/** `nunchi export`: writes data out. */
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { writePerson } from '../export/person.ts'
import { print } from '../print.ts'
import { projectNamed } from '../project-named.ts'
import { exportCsv } from './export-csv.ts'

const personArgs = {
  id: {
    type: 'positional',
    required: true,
    description: 'Any id of the person: user, anonymous, or a former one',
  },
  out: { type: 'string', description: 'The file to write; it must not be there yet. Else it is printed' },
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  ...databaseArgs,
} as const

/** Opens a file that only this user may read: it holds what somebody did. */
function claim(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (error) {
    throw new CliError(
      'file_exists',
      `${file} cannot be made (${(error as NodeJS.ErrnoException).code}); name another file, or move that one away.`,
      error,
    )
  }
}

/** Waits where the reader is slower, so that memory stays flat. One who has seen enough (`| head`) is no failure. */
async function toOutput(text: string): Promise<void> {
  if (process.stdout.errored || process.stdout.write(text)) return
  await once(process.stdout, 'drain').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const person: CommandDef = command({
  meta: { name: 'export person', description: 'Write all that is stored of one person as JSON' },
  args: personArgs,
  run: ({ args: { id, out, project, ...rest } }) =>
    withDatabase(rest, async ({ owner }) => {
      const found = await projectNamed(owner, project)
      const whom = { id, actor: actor() }
      if (out === undefined) return void (await writePerson(owner, found, whom, toOutput))
      const file = claim(out)
      try {
        const { ids, rows } = await writePerson(owner, found, whom, (text) => void writeSync(file, text))
        print(`Wrote ${out}: ${rows} rows about ${ids.length} ids of one person.`)
      } catch (error) {
        // Half of what is stored of somebody looks like all of it.
        rmSync(out, { force: true })
        throw error
      } finally {
        closeSync(file)
      }
    }),
})

/** Writes data out. */
export const exportData: CommandDef = {
  meta: { name: 'export', description: 'Write data out: a view as CSV, or one person' },
  subCommands: { csv: exportCsv, person },
}
