/** `nunchi holdouts`: visitors kept out of every experiment that names the holdout. */
import { deleteShared, holdoutOf, inForce, type MakeChange, setHoldout } from '@nunchi/collector/manage'
import type { ConfigDefinition, Holdout } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { byKey } from '../config/by-key.ts'
import { configArgs, withConfig } from '../config/environment-of.ts'
import { makeChange } from '../config/make-change.ts'
import { percentOf, ppmOf } from '../config/percent.ts'
import { readJson } from '../config/read-json.ts'
import { print, table } from '../print.ts'

const keyArg = { key: { type: 'positional', required: true, description: 'The holdout' } } as const

const namedBy = ({ experiments }: ConfigDefinition, key: string): string =>
  byKey(experiments)
    .filter(([, { holdouts }]) => holdouts?.includes(key))
    .map(([name]) => name)
    .join(', ')

const list: CommandDef = command({
  meta: { name: 'holdouts list', description: 'List all holdouts, and which experiments name each' },
  args: configArgs,
  async run({ args }) {
    const { definition } = await withConfig(args, inForce)
    const all = definition.holdouts ?? {}
    if (args.json) return print(JSON.stringify(all, null, 2))
    const rows = byKey(all).map(([key, { coverage, attribute = 'anonymousId' }]) => [
      key,
      percentOf(coverage),
      attribute,
      namedBy(definition, key) || '–',
    ])
    if (rows.length === 0) return print('No holdouts yet; make one with: nunchi holdouts set KEY --share 5%')
    print(table(['holdout', 'share', 'hashed', 'experiments'], rows))
  },
})

/** A holdout of that share; one that is there keeps whom it hashes, and how. */
function sharing(key: string, coverage: number, restart: boolean): MakeChange {
  return (definition, standing) => {
    const all = definition.holdouts ?? {}
    const holdout: Holdout = { ...(Object.hasOwn(all, key) ? all[key] : {}), coverage }
    return setHoldout(key, holdout, restart)(definition, standing)
  }
}

const set: CommandDef = command({
  meta: { name: 'holdouts set', description: 'Make or replace a holdout, or set how many it keeps out' },
  args: {
    ...keyArg,
    file: {
      type: 'positional',
      required: false,
      description: 'Its definition as JSON; - reads standard input',
    },
    share: { type: 'string', description: 'In place of a file: how many are kept out, such as 5%' },
    restart: {
      type: 'boolean',
      description: 'Allows to hold out others, as a new revision of the experiments that name it',
    },
    ...configArgs,
  },
  async run({ args: { key, file, share, ...args } }) {
    if ((file === undefined) === (share === undefined))
      throw new CliError('usage', 'Say how many are kept out, --share 5%, or name a FILE that says it.')
    const restart = args.restart === true
    if (share !== undefined) return makeChange(args, sharing(key, ppmOf(share), restart))
    const read = await readJson(file!)
    await makeChange(args, (...now) => setHoldout(key, holdoutOf(read), restart)(...now))
  },
})

const remove: CommandDef = command({
  meta: { name: 'holdouts delete', description: 'Take a holdout away that no experiment names' },
  args: { ...keyArg, ...configArgs },
  run: ({ args }) => makeChange(args, deleteShared('holdout', args.key)),
})

/** Lists, makes and takes away holdouts. */
export const holdouts: CommandDef = {
  meta: { name: 'holdouts', description: 'Keep visitors out of several experiments at once' },
  subCommands: { list, set, delete: remove },
}
