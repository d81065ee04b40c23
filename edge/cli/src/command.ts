/** Defines a command that refuses options it does not know, which would else be ignored in silence. */
import type { ArgsDef, CittyPlugin, CommandDef } from 'citty'
import { CliError } from './cli-error.ts'

const camel = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

const strict: CittyPlugin = {
  name: 'strict',
  setup({ args, cmd }) {
    const known = Object.entries((cmd.args ?? {}) as ArgsDef)
    const names = new Set(known.flatMap(([name]) => [name, camel(name)]))
    const odd = Object.keys(args).find((name) => name !== '_' && !names.has(name))
    if (odd !== undefined)
      throw new CliError('usage', `There is no option --${odd} here; --help lists the options.`)
    const places = known.filter(([, { type }]) => type === 'positional').length
    const extra = args['_'][places]
    if (extra !== undefined)
      throw new CliError('usage', `"${extra}" is one argument too many; --help shows the usage.`)
    const empty = known.find(([name, { type }]) => type !== 'boolean' && args[name] === '')
    if (empty) throw new CliError('usage', `--${empty[0]} needs a value; --help shows the usage.`)
  },
}

/** A command whose options are typed within its definition; outside, all commands look the same. */
export function command<const Args extends ArgsDef>(definition: CommandDef<Args>): CommandDef {
  return { ...definition, plugins: [strict] } as unknown as CommandDef
}
