/** `nunchi replay`: derives every stored exposure's variant again, and names those that differ. */
import type { Storage } from '@nunchi/collector'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs } from '../config/environment-of.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { dim, green, print, red, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'
import { type Derived, deriver, type Exposure } from '../replay/derive.ts'

/** What was looked at, and what of it differs. */
interface Replayed {
  assignments: number
  events: number
  /** Of the events, those that assign nobody: malformed, or of what their config does not know. */
  faulty: number
  /** Of all, those whose experiment SQL cannot evaluate. */
  withoutSql: number
  differ: (Derived & { source: Source })[]
}

const sources = ['assignments', 'events'] as const
type Source = (typeof sources)[number]

/** The most differences that are kept and shown. */
const most = 1_000

const args = {
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  environment: {
    type: 'enum',
    options: configArgs.environment.options,
    description: 'Which environment; without it all',
  },
  experiment: { type: 'string', description: 'One experiment; without it all' },
  since: { type: 'string', description: 'Only exposures since then, in UTC: 2026-11-01 or 2026-11-01T12:00' },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [day = ''] = text.split('T')
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(text)
    ? Date.parse(`${text}${text.includes('T') ? '' : 'T00:00'}Z`)
    : Number.NaN
  // A day that there is not would else become the next month's.
  if (Number.isFinite(time) && new Date(time).toISOString().startsWith(day)) return time
  throw new CliError('usage', `--since is "${text}"; write a day or a moment in UTC, like 2026-11-23T09:30.`)
}

const agrees = ({ exposure: { variant }, evaluator, sql }: Derived): boolean =>
  evaluator === variant && (sql === undefined || sql === variant)

/** Counts one, and keeps it where it differs. An event that assigned nobody is no difference. */
function add(told: Replayed, source: Source, one: Derived): void {
  told[source]++
  if (one.fault !== undefined && source === 'events') {
    told.faulty++
    return
  }
  if (one.fault === undefined && one.sql === undefined) told.withoutSql++
  if (!agrees(one) && told.differ.length < most) told.differ.push({ ...one, source })
}

/** Goes through all pages of both tables. */
async function replayAll(owner: Storage, projectId: string, given: object): Promise<Replayed> {
  const derive = deriver(owner, projectId)
  const told: Replayed = { assignments: 0, events: 0, faulty: 0, withoutSql: 0, differ: [] }
  for (const source of sources)
    for (let after: unknown = null; ; ) {
      const page: { rows: Exposure[]; next: unknown } = await owner.call('replay_exposures', {
        projectId,
        source,
        ...given,
        after,
      })
      for (const one of await derive(page.rows)) add(told, source, one)
      if (page.next === null) break
      after = page.next
    }
  return told
}

function show({ assignments, events, faulty, withoutSql, differ }: Replayed): void {
  const mark = differ.length === 0 ? green('✓') : red('✗')
  print(`${mark} ${assignments} assignments and ${events} exposures replayed, ${differ.length} differ`)
  if (withoutSql > 0)
    print(dim(`  ${withoutSql} of them by the evaluator alone: SQL does not know their experiment whole.`))
  if (faulty > 0)
    print(
      dim(
        `  ${faulty} of the exposures assign nobody: select * from nunchi_data.days where kind = 'experiment_failure'.`,
      ),
    )
  if (differ.length === 0) return
  const rows = differ.map(({ source, exposure, evaluator, sql, fault }) => [
    source,
    `${exposure.environment}/${exposure.experiment}`,
    String(exposure.unit),
    String(exposure.variant),
    fault ?? evaluator ?? 'none',
    sql === null ? 'none' : (sql ?? '–'),
    exposure.event,
  ])
  print(table(['in', 'experiment', 'unit', 'stored', 'derived', 'by SQL', 'event'], rows))
  if (differ.length === most) print(dim(`  Stopped listing at ${most}.`))
}

/** Replays, and fails where something differs. */
export const replay: CommandDef = command({
  meta: { name: 'replay', description: 'Derive every stored variant again from the config of its time' },
  args,
  async run({ args: given }) {
    const { environment, experiment, since } = given
    const filter = { environment, experiment, since: readTime(since) }
    await withDatabase(given, async ({ owner }) => {
      const { projectId } = await projectNamed(owner, given.project)
      const told = await replayAll(owner, projectId, filter)
      if (given.json) print(JSON.stringify(told, null, 2))
      else show(told)
      if (told.differ.length > 0)
        throw new CliError(
          'check_failed',
          `${told.differ.length} stored exposures are not what their config gives; docs/reference/cli.md says what may be behind it.`,
        )
    })
  },
})
