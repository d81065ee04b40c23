/** `nunchi flags import`: sets several flags from one file, all or none. */
import { type FlagInput, flagOf, importFlags as importing, publishChange } from '@nunchi/collector/manage'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { print } from '../print.ts'
import { configArgs, withConfig } from './environment-of.ts'
import { readJson } from './read-json.ts'

/** The flags of a file: what `nunchi flags list --json` prints, or that under `flags`. */
function flagsIn(file: string, content: unknown): { [key: string]: FlagInput } {
  const isObject = (value: unknown): value is { [name: string]: unknown } =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const flags =
    isObject(content) && isObject(content['flags']) && !('type' in content['flags'])
      ? content['flags']
      : content
  if (!isObject(flags) || !Object.values(flags).every(isObject))
    throw new CliError('config_invalid', `${file} holds no flags. Write { "flags": { "checkout": { … } } }.`)
  return flags as { [key: string]: FlagInput & { [name: string]: unknown } }
}

/** Sets them by one publication. */
export const importFlags: CommandDef = command({
  meta: { name: 'flags import', description: 'Make or replace several flags from one JSON file' },
  args: {
    file: { type: 'positional', required: true, description: 'The flags as JSON; - reads standard input' },
    ...configArgs,
  },
  async run({ args }) {
    const flags = flagsIn(args.file, await readJson(args.file))
    const { number, change } = await withConfig(args, (gateway) => {
      const inputs = Object.entries(flags).map(([key, flag]) => [key, flagOf(flag)] as const)
      return publishChange(gateway, importing(Object.fromEntries(inputs)))
    })
    if (args.json) return print(JSON.stringify({ number, flags: change.after }, null, 2))
    print(
      `${Object.keys(flags).join(', ')}: number ${number} is in force; collectors serve it within two seconds.`,
    )
  },
})
