/** The command tree, and its help. */
import { stripVTControlCharacters } from 'node:util'
import { type CommandDef, renderUsage, runCommand } from 'citty'
import { backup } from './commands/backup.ts'
import { dev } from './commands/dev.ts'
import { doctor } from './commands/doctor.ts'
import { erase } from './commands/erase.ts'
import { experiments } from './commands/experiments.ts'
import { exportData } from './commands/export.ts'
import { flags } from './commands/flags.ts'
import { groups } from './commands/groups.ts'
import { holdouts } from './commands/holdouts.ts'
import { importEvents } from './commands/import-events.ts'
import { items } from './commands/items.ts'
import { keys } from './commands/keys.ts'
import { metrics } from './commands/metrics.ts'
import { migrate } from './commands/migrate.ts'
import { quality } from './commands/quality.ts'
import { queue } from './commands/queue.ts'
import { ramps } from './commands/ramps.ts'
import { readers } from './commands/readers.ts'
import { recommendations } from './commands/recommendations.ts'
import { recount } from './commands/recount.ts'
import { replay } from './commands/replay.ts'
import { restore } from './commands/restore.ts'
import { results } from './commands/results.ts'
import { retention } from './commands/retention.ts'
import { tokens } from './commands/tokens.ts'
import { verify } from './commands/verify.ts'
import { writeTypes } from './commands/write-types.ts'
import { print } from './print.ts'
import { report } from './report.ts'
import { version } from './version.ts'

/** All commands. */
export const root: CommandDef = {
  meta: { name: 'nunchi', version, description: 'Run, migrate, check and operate a nunchi collector' },
  subCommands: {
    dev,
    migrate,
    keys,
    doctor,
    verify,
    flags,
    experiments,
    holdouts,
    groups,
    metrics,
    ramps,
    results,
    items,
    recommendations,
    tokens,
    types: writeTypes,
    backup,
    restore,
    readers,
    quality,
    queue,
    recount,
    replay,
    import: importEvents,
    export: exportData,
    erase,
    retention,
  },
}

/** The command that `words` name, as far as they name one. */
async function find(words: string[]): Promise<CommandDef> {
  let command = root
  for (const word of words) {
    const below = (await command.subCommands) as { [name: string]: CommandDef } | undefined
    if (!below || !Object.hasOwn(below, word)) break
    command = below[word]!
  }
  return command
}

async function help(words: string[]): Promise<void> {
  const command = await find(words)
  const text = await renderUsage(command, command === root ? undefined : root)
  const lines = process.stdout.isTTY ? text : stripVTControlCharacters(text)
  print(lines.replace(/ +$/gm, '').trimEnd())
}

/**
 * Runs the CLI.
 *
 * @param words the arguments after `nunchi`
 * @returns the exit code: 0 for success, 1 for a failure, 2 for a wrong command line
 */
export async function main(words: string[]): Promise<0 | 1 | 2> {
  try {
    if (words.length === 0 || words.some((word) => word === '--help' || word === '-h')) await help(words)
    else if (words[0] === '--version' || words[0] === '-v') print(version)
    else await runCommand(root, { rawArgs: words })
    return 0
  } catch (error) {
    return report(error)
  }
}
