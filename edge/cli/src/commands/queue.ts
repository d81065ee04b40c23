/** `nunchi queue`: what processing gave up, why, and how to hand it back. */
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { dim, print, table } from '../print.ts'

interface DeadRow {
  id: string
  retries: number
  error: string | null
  /** When its events were stored, in ms. */
  createdAt: number
  events: { id: string; name: string | null }[] | null
}

interface State {
  waiting: number
  oldestMs: number
  dead: number
}

const listArgs = {
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

const list: CommandDef = command({
  meta: { name: 'queue list', description: 'List the events that processing gave up, each with its reason' },
  args: listArgs,
  run: ({ args: { json, data } }) =>
    withDatabase({ data }, async ({ owner }) => {
      const dead = await owner.call<DeadRow[]>('list_dead', {})
      const state = await owner.call<State>('queue_state', {})
      if (json) return print(JSON.stringify({ ...state, rows: dead }, null, 2))
      const { waiting, oldestMs } = state
      print(
        waiting === 0
          ? 'Nothing waits to be processed.'
          : `${waiting} rows wait to be processed, the oldest for ${Math.round(oldestMs / 1000)} s.`,
      )
      if (dead.length === 0) return print('Nothing was given up.')
      const rows = dead.map(({ id, createdAt, events, error }) => {
        const [event] = events ?? []
        return [id, new Date(createdAt).toISOString(), event?.name ?? '(gone)', event?.id ?? '', error ?? '']
      })
      print(table(['row', 'stored', 'event', 'id', 'reason'], rows))
      if (state.dead > dead.length) print(dim(`And ${state.dead - dead.length} more.`))
      print(dim('Mend the cause, then: nunchi queue replay'))
    }),
})

const replayArgs = {
  row: { type: 'positional', description: 'One row, as the list names it; without it all', required: false },
  ...databaseArgs,
} as const

const replay: CommandDef = command({
  meta: { name: 'queue replay', description: 'Hand what was given up back to processing' },
  args: replayArgs,
  async run({ args: { row, data } }) {
    if (row !== undefined && !/^\d{1,18}$/.test(row))
      throw new CliError('usage', `"${row}" is no row of the queue; nunchi queue list shows their numbers.`)
    await withDatabase({ data }, async ({ owner }) => {
      const { replayed } = await owner.call<{ replayed: number }>('replay_dead', row ? { id: row } : {})
      print(
        replayed === 0
          ? 'There is nothing to replay.'
          : `${replayed} handed back; the collector takes ${replayed === 1 ? 'it' : 'them'} up within half a minute.`,
      )
    })
  },
})

/** Shows and replays the dead letters of processing. */
export const queue: CommandDef = {
  meta: { name: 'queue', description: 'Show what processing gave up, and hand it back' },
  subCommands: { list, replay },
}
