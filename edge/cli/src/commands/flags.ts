/** `nunchi flags`: lists, sets, ramps and disables flags, and goes back to what they were. */
import {
  deleteFlag,
  flagOf,
  inForce,
  rampFlag,
  revertTo,
  setFlag,
  switchFlags,
} from '@nunchi/collector/manage'
import { type ConfigDefinition, type FlagDefinition, validate } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { byKey } from '../config/by-key.ts'
import { configArgs, withConfig } from '../config/environment-of.ts'
import { exportFlags } from '../config/export-flags.ts'
import { importFlags } from '../config/import-flags.ts'
import { makeChange } from '../config/make-change.ts'
import { percentOf, ppmOf } from '../config/percent.ts'
import { readJson } from '../config/read-json.ts'
import { print, table } from '../print.ts'

const shareOf = ({ rules = [] }: FlagDefinition): string =>
  rules
    .map(({ id, rollout }) => (rollout ? `${id} ${percentOf(rollout.coverage ?? 1_000_000)}` : id))
    .join(', ')

const list: CommandDef = command({
  meta: { name: 'flags list', description: 'List all flags' },
  args: configArgs,
  async run({ args }) {
    const { number, definition } = await withConfig(args, inForce)
    if (args.json) return print(JSON.stringify(definition.flags, null, 2))
    const flags = byKey(definition.flags)
    if (flags.length === 0) return print('No flags yet; make one with: nunchi flags set KEY FILE')
    const rows = flags.map(([key, flag]) => [
      key,
      flag.type,
      flag.enabled === false ? 'disabled' : 'on',
      JSON.stringify(flag.value),
      shareOf(flag) || '–',
      String(flag.revision),
    ])
    print(table(['flag', 'type', 'state', 'value', 'rules', 'revision'], rows))
    print(`Number ${number} of ${args.environment}.`)
  },
})

const set: CommandDef = command({
  meta: { name: 'flags set', description: 'Make or replace a flag from a JSON file' },
  args: {
    key: { type: 'positional', required: true, description: 'The flag' },
    file: {
      type: 'positional',
      required: true,
      description: 'Its definition as JSON; - reads standard input',
    },
    ...configArgs,
  },
  async run({ args }) {
    const flag = await readJson(args.file)
    await makeChange(args, (...now) => setFlag(args.key, flagOf(flag))(...now))
  },
})

const ramp: CommandDef = command({
  meta: { name: 'flags ramp', description: 'Set how many a flag’s rollout lets in' },
  args: {
    key: { type: 'positional', required: true, description: 'The flag' },
    share: { type: 'positional', required: true, description: 'The share, such as 25%' },
    rule: { type: 'string', description: 'The rule that is meant, by its id, where several have a rollout' },
    ...configArgs,
  },
  run: ({ args }) => makeChange(args, rampFlag(args.key, ppmOf(args.share), args.rule)),
})

const switching = (name: 'enable' | 'disable', description: string): CommandDef =>
  command({
    meta: { name: `flags ${name}`, description },
    args: {
      pattern: { type: 'positional', required: true, description: 'One flag, or all that fit: checkout-*' },
      ...configArgs,
    },
    run: ({ args }) => makeChange(args, switchFlags(args.pattern, name === 'enable')),
  })

const remove: CommandDef = command({
  meta: { name: 'flags delete', description: 'Take a flag away; pages get their fallback' },
  args: { key: { type: 'positional', required: true, description: 'The flag' }, ...configArgs },
  run: ({ args }) => makeChange(args, deleteFlag(args.key)),
})

const check: CommandDef = command({
  meta: {
    name: 'flags validate',
    description: 'Name every mistake of flags and experiments; changes nothing',
  },
  args: {
    file: {
      type: 'positional',
      required: false,
      description: 'A definition as JSON; without it what is in force',
    },
    ...configArgs,
  },
  async run({ args }) {
    const definition = args.file
      ? ((await readJson(args.file)) as ConfigDefinition)
      : (await withConfig(args, inForce)).definition
    const mistakes = validate(definition)
    if (args.json) print(JSON.stringify(mistakes, null, 2))
    if (mistakes.length > 0)
      throw new CliError(
        'config_invalid',
        mistakes.map(({ path, message }) => `${path || 'the whole'}: ${message}`).join('\n'),
      )
    if (!args.json) print('No mistakes.')
  },
})

const history: CommandDef = command({
  meta: { name: 'flags history', description: 'List what was published, and by whom' },
  args: configArgs,
  async run({ args }) {
    const versions = await withConfig(args, (gateway) => gateway.versions())
    if (args.json) return print(JSON.stringify(versions, null, 2))
    if (versions.length === 0) return print('Nothing was published yet.')
    const rows = versions.map(({ number, publishedAt, actor, reason }) => [
      String(number),
      new Date(publishedAt ?? 0).toISOString().slice(0, 19).replace('T', ' '),
      actor ?? '',
      reason ?? '',
    ])
    print(table(['number', 'when (UTC)', 'who', 'what'], rows))
  },
})

const revert: CommandDef = command({
  meta: { name: 'flags revert', description: 'Publish again what an earlier number was' },
  args: {
    number: { type: 'positional', required: true, description: 'The number, from nunchi flags history' },
    flag: { type: 'string', description: 'This flag alone; the rest stays' },
    experiment: { type: 'string', description: 'This experiment alone; the rest stays' },
    ...configArgs,
  },
  async run({ args }) {
    if (!/^[1-9]\d{0,14}$/.test(args.number))
      throw new CliError('usage', `"${args.number}" is not a number; nunchi flags history shows them.`)
    const { number } = await withConfig(args, (gateway) =>
      revertTo(gateway, Number(args.number), undefined, { flag: args.flag, experiment: args.experiment }),
    )
    if (args.json) print(JSON.stringify({ number }))
    const what = [args.flag, args.experiment].filter(Boolean).join(' and ')
    if (!args.json) print(`${what || 'All'} of number ${args.number} is in force again, as number ${number}.`)
  },
})

/** Lists, sets, ramps and disables flags. */
export const flags: CommandDef = {
  meta: { name: 'flags', description: 'List, set, ramp, disable and revert flags' },
  subCommands: {
    list,
    set,
    ramp,
    enable: switching('enable', 'Take the kill switch back'),
    disable: switching('disable', 'Throw the kill switch; visible pages follow within seconds'),
    delete: remove,
    import: importFlags,
    export: exportFlags,
    validate: check,
    history,
    revert,
  },
}
