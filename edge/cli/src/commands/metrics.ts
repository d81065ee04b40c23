/** `nunchi metrics`: what experiments are judged by. */
import {
  isMetricKey,
  type MetricDefinition,
  type MetricSource,
  metricMistakes,
} from '@nunchi/collector/results'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { readJson } from '../config/read-json.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { print, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const keyArg = { key: { type: 'positional', required: true, description: 'The metric' } } as const
const args = {
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

const sourceText = ({ event, type, conversion, step, property }: MetricSource): string =>
  [conversion ?? event ?? type, step, property].filter((part) => part !== undefined).join(' · ')

function sourcesText({ source, numerator, denominator, steps }: MetricDefinition): string {
  if (steps) return steps.map(sourceText).join(' → ')
  if (numerator && denominator) return `${sourceText(numerator)} / ${sourceText(denominator)}`
  return source ? sourceText(source) : 'any event'
}

const list: CommandDef = command({
  meta: { name: 'metrics list', description: 'List what experiments are judged by' },
  args,
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      const { projectId } = await projectNamed(owner, args.project)
      const all = await owner.call<{ key: string; definition: MetricDefinition }[]>('list_metrics', {
        projectId,
      })
      if (args.json) return print(JSON.stringify(all, null, 2))
      if (all.length === 0) return print('No metrics yet; make one with: nunchi metrics set KEY FILE')
      const rows = all.map(({ key, definition: one }) => [
        key,
        one.kind,
        one.role ?? 'goal',
        one.direction ?? 'increase',
        sourcesText(one),
        one.name,
      ])
      print(table(['metric', 'kind', 'role', 'better', 'of', 'name'], rows))
    }),
})

const set: CommandDef = command({
  meta: { name: 'metrics set', description: 'Make or replace a metric from a JSON file' },
  args: {
    ...keyArg,
    file: {
      type: 'positional',
      required: true,
      description: 'Its definition as JSON; - reads standard input',
    },
    ...args,
  },
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      const definition = await readJson(args.file)
      const mistakes = metricMistakes(definition)
      if (!isMetricKey(args.key))
        mistakes.unshift({
          path: 'key',
          message: 'A key is 1 to 100 letters, digits, dots, underscores and hyphens.',
        })
      if (mistakes.length > 0)
        throw new CliError(
          'metric_invalid',
          mistakes.map(({ path, message }) => `${path || 'the whole'}: ${message}`).join('\n'),
        )
      const { projectId } = await projectNamed(owner, args.project)
      const told = { projectId, key: args.key, definition, actor: actor() }
      const { before } = await owner.call<{ before: unknown }>('set_metric', told)
      if (args.json) print(JSON.stringify({ key: args.key, before, definition }, null, 2))
      else print(`${before ? 'Replaced' : 'Made'} the metric ${args.key}; results use it from now on.`)
    }),
})

const remove: CommandDef = command({
  meta: { name: 'metrics delete', description: 'Take a metric away; the events stay' },
  args: { ...keyArg, ...args },
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      const { projectId } = await projectNamed(owner, args.project)
      const told = { projectId, key: args.key, definition: null, actor: actor() }
      const { before } = await owner.call<{ before: unknown }>('set_metric', told)
      if (!before)
        throw new CliError(
          'metric_not_found',
          `There is no metric "${args.key}"; nunchi metrics list shows them.`,
        )
      if (args.json) print(JSON.stringify({ key: args.key, before }, null, 2))
      else print(`Took the metric ${args.key} away.`)
    }),
})

/** Lists, makes and takes away metrics. */
export const metrics: CommandDef = {
  meta: { name: 'metrics', description: 'Say what experiments are judged by' },
  subCommands: { list, set, delete: remove },
}
