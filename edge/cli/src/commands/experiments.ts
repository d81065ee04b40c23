/** `nunchi experiments`: makes, starts, pauses and completes experiments. */
import {
  completeExperiment,
  deleteExperiment,
  experimentOf,
  inForce,
  type MakeChange,
  pauseExperiment,
  setExperiment,
  startExperiment,
} from '@nunchi/collector/manage'
import type { ExperimentDefinition } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { byKey } from '../config/by-key.ts'
import { configArgs, withConfig } from '../config/environment-of.ts'
import { makeChange } from '../config/make-change.ts'
import { percentOf } from '../config/percent.ts'
import { readJson } from '../config/read-json.ts'
import { print, table } from '../print.ts'

const keyArg = { key: { type: 'positional', required: true, description: 'The experiment' } } as const

const variantsOf = ({ variants }: ExperimentDefinition): string =>
  variants
    .map(({ key, weight, isControl }) => `${key}${isControl ? ' (control)' : ''} ${percentOf(weight)}`)
    .join(', ')

const list: CommandDef = command({
  meta: { name: 'experiments list', description: 'List all experiments' },
  args: configArgs,
  async run({ args }) {
    const { definition } = await withConfig(args, inForce)
    if (args.json) return print(JSON.stringify(definition.experiments, null, 2))
    const all = byKey(definition.experiments)
    if (all.length === 0)
      return print('No experiments yet; make one with: nunchi experiments create KEY FILE')
    const rows = all.map(([key, one]) => [key, one.status, variantsOf(one), String(one.revision), one.name])
    print(table(['experiment', 'status', 'variants', 'revision', 'name'], rows))
  },
})

const show: CommandDef = command({
  meta: { name: 'experiments show', description: 'Show one experiment' },
  args: { ...keyArg, ...configArgs },
  async run({ args }) {
    const { experiments } = (await withConfig(args, inForce)).definition
    const found = Object.hasOwn(experiments, args.key) ? experiments[args.key] : undefined
    if (!found)
      throw new CliError(
        'config_refused',
        `There is no experiment "${args.key}"; nunchi experiments list shows them.`,
      )
    if (args.json) return print(JSON.stringify(found, null, 2))
    const { name, hypothesis, status, revision, coverage = 1_000_000, targetSampleSize, winner } = found
    print(`${name} (${args.key})`)
    print(hypothesis)
    const rows = [
      ['status', status],
      ['revision', String(revision)],
      ['variants', variantsOf(found)],
      ['coverage', percentOf(coverage)],
      ['hashed', found.attribute ?? 'anonymousId'],
      ['planned', targetSampleSize === undefined ? 'no sample size' : `${targetSampleSize} units`],
      ...(winner === undefined ? [] : [['winner', winner]]),
    ]
    for (const [title, value] of rows) print(`  ${title!.padEnd(10)}${value}`)
  },
})

const create: CommandDef = command({
  meta: {
    name: 'experiments create',
    description: 'Make an experiment as a draft, or replace it, from a JSON file',
  },
  args: {
    ...keyArg,
    file: {
      type: 'positional',
      required: true,
      description: 'Its definition as JSON; - reads standard input',
    },
    restart: { type: 'boolean', description: 'Allows changes that may move people, as a new revision' },
    ...configArgs,
  },
  async run({ args }) {
    const experiment = await readJson(args.file)
    await makeChange(args, (...now) =>
      setExperiment(args.key, experimentOf(experiment), args.restart === true)(...now),
    )
  },
})

const step = (name: string, description: string, change: (key: string) => MakeChange): CommandDef =>
  command({
    meta: { name: `experiments ${name}`, description },
    args: { ...keyArg, ...configArgs },
    run: ({ args }) => makeChange(args, change(args.key)),
  })

const complete: CommandDef = command({
  meta: { name: 'experiments complete', description: 'End an experiment for good' },
  args: {
    ...keyArg,
    winner: { type: 'string', description: 'The variant that everybody gets; without it the control' },
    ...configArgs,
  },
  run: ({ args }) => makeChange(args, completeExperiment(args.key, args.winner)),
})

/** Makes, starts, pauses and completes experiments. */
export const experiments: CommandDef = {
  meta: { name: 'experiments', description: 'Make, start, pause and complete experiments' },
  subCommands: {
    list,
    show,
    create,
    start: step('start', 'Start a draft, or go on with one that is paused', startExperiment),
    pause: step('pause', 'Stop assigning for now; everybody gets the control', pauseExperiment),
    complete,
    delete: step('delete', 'Take a draft or a completed experiment away', deleteExperiment),
  },
}
