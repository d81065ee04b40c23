/** `nunchi recount`: compares what processing wrote with the raw events, and repairs it. */
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { type Database, databaseArgs, withDatabase } from '../database/open.ts'
import { dim, green, print, red, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'

interface Recounted {
  project: string
  events: number
  waiting: number
  differences: number
  rows: { area: string; place: string; expected: string; found: string }[]
}

const args = {
  project: { type: 'string', description: "The project's name; without it all projects" },
  from: { type: 'string', description: "The first day, in the project's zone: 2026-11-01" },
  to: { type: 'string', description: 'The last day' },
  repair: {
    type: 'boolean',
    description: 'Writes these days anew from the raw events; processing pauses meanwhile',
  },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

function readDay(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(`${text}T00:00:00Z`)
  if (/^\d{4}-\d\d-\d\d$/.test(text) && new Date(time || 0).toISOString().startsWith(text)) return text
  throw new CliError('usage', `--${name} is "${text}"; write a day like 2026-11-23.`)
}

/** Past the limits that the collector's calls have: to count everything again may take minutes. */
function ask({ session }: Database, given: object): Promise<Recounted[]> {
  return session.transaction(async (tx) => {
    await tx.exec('set local statement_timeout = 0; set local role nunchi_owner')
    const [row] = await tx.query('select nunchi.recount($1::text::jsonb)::text as answer', [
      JSON.stringify(given),
    ])
    return JSON.parse(row?.['answer'] as string) as Recounted[]
  })
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

function show({ project, events, waiting, differences, rows }: Recounted, repaired: boolean): void {
  const mark = differences === 0 ? green('✓') : red('✗')
  print(`${mark} ${project}: ${events} events, ${differences} differences`)
  if (waiting > 0) print(dim(`  ${waiting} more wait to be processed, and count nowhere yet.`))
  if (rows.length > 0)
    print(
      table(
        ['where', 'what', 'by the events', 'found'],
        rows.map(({ area, place, expected, found }) => [area, cut(place), cut(expected), cut(found)]),
      ),
    )
  if (differences > rows.length) print(dim(`  And ${differences - rows.length} more.`))
  if (repaired && differences > 0) print(`  Written anew from the raw events.`)
}

/** Counts again, names each difference, and fails where there is one that was not repaired. */
export const recount: CommandDef = command({
  meta: { name: 'recount', description: 'Compare every figure with the raw events, and repair it' },
  args,
  async run({ args: { project, from, to, repair = false, json, data } }) {
    const days = { from: readDay('from', from), to: readDay('to', to) }
    await withDatabase({ data }, async (database) => {
      const one = project === undefined ? {} : await projectNamed(database.owner, project)
      const projectId = 'projectId' in one ? one.projectId : undefined
      const answers = await ask(database, { projectId, ...days, repair })
      if (json) print(JSON.stringify(answers, null, 2))
      else for (const answer of answers) show(answer, repair)
      const wrong = answers.reduce((sum, { differences }) => sum + differences, 0)
      if (wrong > 0 && !repair)
        throw new CliError(
          'check_failed',
          `${wrong} figures are not what the raw events say; nunchi recount --repair writes them anew.`,
        )
    })
  },
})
