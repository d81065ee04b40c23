/** `nunchi groups`: named lists of values that conditions ask for by `$inGroup` and `$notInGroup`. */
import { deleteShared, groupOf, inForce, setGroup } from '@nunchi/collector/manage'
import type { Json } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { command } from '../command.ts'
import { byKey } from '../config/by-key.ts'
import { configArgs, withConfig } from '../config/environment-of.ts'
import { makeChange } from '../config/make-change.ts'
import { readJson } from '../config/read-json.ts'
import { print, table } from '../print.ts'

const keyArg = { key: { type: 'positional', required: true, description: 'The group' } } as const

/** How much of a long group a line shows. */
const shown = 60

function beginningOf(group: Json[]): string {
  const text = group.map((value) => JSON.stringify(value)).join(', ')
  return text.length <= shown ? text : `${text.slice(0, shown).toWellFormed()}…`
}

const list: CommandDef = command({
  meta: { name: 'groups list', description: 'List all groups' },
  args: configArgs,
  async run({ args }) {
    const { definition } = await withConfig(args, inForce)
    const all = definition.groups ?? {}
    if (args.json) return print(JSON.stringify(all, null, 2))
    const rows = byKey(all).map(([key, group]) => [key, String(group.length), beginningOf(group)])
    if (rows.length === 0) return print('No groups yet; make one with: nunchi groups set KEY FILE')
    print(table(['group', 'values', 'first of them'], rows))
  },
})

const set: CommandDef = command({
  meta: { name: 'groups set', description: 'Make or replace a group from a JSON list' },
  args: {
    ...keyArg,
    file: {
      type: 'positional',
      required: true,
      description: 'Its values as a JSON list; - reads standard input',
    },
    ...configArgs,
  },
  async run({ args }) {
    const group = await readJson(args.file)
    await makeChange(args, (...now) => setGroup(args.key, groupOf(group))(...now))
  },
})

const remove: CommandDef = command({
  meta: { name: 'groups delete', description: 'Take a group away that no condition names' },
  args: { ...keyArg, ...configArgs },
  run: ({ args }) => makeChange(args, deleteShared('group', args.key)),
})

/** Lists, makes and takes away groups. */
export const groups: CommandDef = {
  meta: { name: 'groups', description: 'Keep the lists of values that conditions ask for' },
  subCommands: { list, set, delete: remove },
}
