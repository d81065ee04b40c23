/** `nunchi migrate`: brings the schema up, takes it down, says where it stands. */
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { bringUp, schemaStatus, takeDown } from '../database/schema.ts'
import { print, table } from '../print.ts'

const label = ({ version, name }: { version: number; name: string }): string =>
  `${String(version).padStart(4, '0')}_${name}`

const up: CommandDef = command({
  meta: { name: 'migrate up', description: 'Apply every migration that is not yet applied' },
  args: databaseArgs,
  run: ({ args: { data } }) =>
    withDatabase({ data, create: true }, async (database) => {
      for (const migration of await bringUp(database)) print(`applied  ${label(migration)}`)
      print(`The schema in ${database.label} is up to date.`)
    }),
})

const downArgs = {
  steps: { type: 'string', description: 'How many migrations to take down, newest first', required: true },
  ...databaseArgs,
} as const

const down: CommandDef = command({
  meta: {
    name: 'migrate down',
    description: 'Take the newest migrations down, with the data in their tables',
  },
  args: downArgs,
  async run({ args: { steps, data } }) {
    if (!/^[1-9]\d*$/.test(steps))
      throw new CliError('usage', `--steps is "${steps}"; it must be a whole number from 1.`)
    await withDatabase({ data }, async (database) => {
      const gone = await takeDown(database, Number(steps))
      for (const migration of gone) print(`removed  ${label(migration)}`)
      if (gone.length === 0) print('Nothing to take down: no migration is applied.')
    })
  },
})

const statusArgs = {
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

const status: CommandDef = command({
  meta: { name: 'migrate status', description: 'List the migrations and whether each is applied' },
  args: statusArgs,
  run: ({ args: { json, data } }) =>
    withDatabase({ data }, async (database) => {
      const states = await schemaStatus(database)
      if (json) return print(JSON.stringify(states, null, 2))
      print(
        table(
          ['migration', 'applied'],
          states.map((state) => [label(state), state.appliedAt ?? 'no']),
        ),
      )
    }),
})

/** Brings the schema up or down, or says where it stands. */
export const migrate: CommandDef = {
  meta: { name: 'migrate', description: 'Bring the schema up or down, or say where it stands' },
  subCommands: { up, down, status },
}
