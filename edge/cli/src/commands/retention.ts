/** `nunchi retention`: says how long a project's events are kept, and removes what is over. */
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { print } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const projectArg = {
  type: 'string',
  description: "The project's name; not needed where there is one",
} as const

const keeps = (name: string, days: number | null): string =>
  days === null
    ? `${name} keeps its events.`
    : `${name} keeps its events for ${days} days after they occurred.`

const setArgs = {
  days: { type: 'positional', required: true, description: 'A number of days, or off' },
  project: projectArg,
  ...databaseArgs,
} as const

const set: CommandDef = command({
  meta: { name: 'retention set', description: 'Say for how many days a project keeps its events' },
  args: setArgs,
  async run({ args }) {
    const days = args.days === 'off' ? null : Number(args.days)
    if (days !== null && !/^[1-9]\d{0,4}$/.test(args.days))
      throw new CliError('usage', `"${args.days}" is no number of days; write one from 1 to 36500, or off.`)
    await withDatabase(args, async ({ owner }) => {
      const { projectId, name } = await projectNamed(owner, args.project)
      await owner.call('set_retention', { projectId, days, actor: actor() })
      print(keeps(name, days))
      if (days !== null)
        print('The collector removes what is older once a day; nunchi retention run does it now.')
    })
  },
})

const showArgs = { project: projectArg, ...databaseArgs } as const

const show: CommandDef = command({
  meta: { name: 'retention show', description: 'Say for how many days a project keeps its events' },
  args: showArgs,
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      const { name, retentionDays } = await projectNamed(owner, args.project)
      print(keeps(name, retentionDays))
    }),
})

interface Retained {
  dropped: string[]
  removed: { [table: string]: number }
  more: boolean
}

const run: CommandDef = command({
  meta: { name: 'retention run', description: 'Remove now what is older than its project keeps' },
  args: databaseArgs,
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      let total = 0
      for (let more = true; more; ) {
        const step = await owner.call<Retained>('retain', {})
        for (const name of step.dropped) print(`dropped  ${name}`)
        total += Object.values(step.removed).reduce((sum, rows) => sum + rows, 0)
        more = step.more
      }
      print(`Removed ${total} rows.`)
    }),
})

/** Keeps events for so long. */
export const retention: CommandDef = {
  meta: { name: 'retention', description: 'Say for how long events are kept, and remove what is over' },
  subCommands: { set, show, run },
}
