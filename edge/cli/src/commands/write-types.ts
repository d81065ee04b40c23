/** `nunchi types`: writes TypeScript types of the flags and experiments in force. */
import { writeFile } from 'node:fs/promises'
import { inForce } from '@nunchi/collector/manage'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs, withConfig } from '../config/environment-of.ts'
import { typesOf } from '../config/types-of.ts'
import { print } from '../print.ts'

const { json: _json, ...args } = configArgs

/** Writes them to a file, or to standard output. */
export const writeTypes: CommandDef = command({
  meta: { name: 'types', description: 'Write TypeScript types of flags and experiments' },
  args: { out: { type: 'string', description: 'The file, such as src/nunchi.d.ts' }, ...args },
  async run({ args: given }) {
    const { definition } = await withConfig(given, inForce)
    const text = typesOf(definition)
    if (given.out === undefined) return process.stdout.write(text)
    await writeFile(given.out, text).catch((cause: unknown) => {
      throw new CliError(
        'file_unwritable',
        `The file ${given.out} cannot be written: is its folder there?`,
        cause,
      )
    })
    print(`Wrote ${given.out}.`)
  },
})
