/** `nunchi flags export`: writes what pages get of the config as a file, for sites that serve it themselves. */
import { rename, writeFile } from 'node:fs/promises'
import { inForce } from '@nunchi/collector/manage'
import { type Config, publish } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { print } from '../print.ts'
import { configArgs, withConfig } from './environment-of.ts'

const { json: _json, ...args } = configArgs

/** Writes it beside the file first: whoever asks meanwhile gets the old one whole, never half of the new one. */
async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.part`
  try {
    await writeFile(beside, text)
    await rename(beside, file)
  } catch (cause) {
    throw new CliError('file_missing', `${file} cannot be written: ${(cause as Error).message}`, cause)
  }
}

/** Writes it to a file, or to standard output. */
export const exportFlags: CommandDef = command({
  meta: { name: 'flags export', description: 'Write what pages get as a file of the site' },
  args: { out: { type: 'string', description: 'The file, such as public/flags.json' }, ...args },
  async run({ args: given }) {
    const { number, definition, config } = await withConfig(given, inForce)
    const none: Config = { ...publish(definition), version: 'none' }
    const told = config ?? none
    const text = `${JSON.stringify(told)}\n`
    if (given.out === undefined) return process.stdout.write(text)
    await replaceFile(given.out, text)
    print(`Wrote ${given.out}: number ${number} of ${given.environment}, version ${told.version}.`)
  },
})
