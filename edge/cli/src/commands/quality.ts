/** `nunchi quality`: what arrived, what did not, and why, day by day. */
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { dim, print, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'
import { type Quality, readQuality, sum, together } from '../quality.ts'

const args = {
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  days: { type: 'string', description: 'How many days, today included', default: '7' },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

const headings = [
  'day (UTC)',
  'accepted',
  'duplicates',
  'rejected',
  'dropped',
  'late',
  'bots',
  'internal',
  'skewed',
  'suspect',
  'latency ms',
]

function show({ days, queue }: Quality): void {
  if (days.length === 0) print('Nothing has arrived in these days.')
  if (days.length === 0) return
  const rows = days.map(({ latencyMs, rejected, dropped, ...day }) => [
    day.day,
    ...[day.accepted, day.duplicates, sum(rejected), sum(dropped)].map(String),
    ...[day.late, day.bots, day.internal, day.skewed, day.clockSuspect].map(String),
    latencyMs.average === null ? '–' : `${latencyMs.average} (max ${latencyMs.max})`,
  ])
  print(table(headings, rows))
  for (const [what, counts] of [
    ['rejected', together(days.map(({ rejected }) => rejected))],
    ['dropped', together(days.map(({ dropped }) => dropped))],
  ] as const)
    if (counts.length > 0)
      print(`${what}: ${counts.map(([reason, events]) => `${reason} ${events}`).join(', ')}`)
  if (queue.waiting > 0)
    print(dim(`${queue.waiting} events wait to be processed, the oldest for ${queue.oldestSeconds} s.`))
  if (queue.dead > 0) print(`${queue.dead} events could not be processed; nunchi doctor says why.`)
}

/** Shows the quality of a project's data. */
export const quality: CommandDef = command({
  meta: { name: 'quality', description: 'Show what arrived, what did not, and why, day by day' },
  args,
  async run({ args: given }) {
    if (!/^[1-9]\d{0,2}$/.test(given.days))
      throw new CliError('usage', `--days is "${given.days}"; it must be a whole number from 1 to 999.`)
    await withDatabase(given, async ({ owner }) => {
      const { projectId } = await projectNamed(owner, given.project)
      const found = await readQuality(owner, projectId, Number(given.days))
      if (given.json) print(JSON.stringify(found, null, 2))
      else show(found)
    })
  },
})
