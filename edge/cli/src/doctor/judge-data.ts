/** What `doctor` thinks of the data: how processing goes, who reads, and the quality of each project's events. */
import type { Check } from '../check.ts'
import { type Quality, sum, together } from '../quality.ts'
import { fail, ok, warn } from './verdict.ts'

/** How processing stands, as `nunchi.queue_state` answers. */
export interface QueueState {
  /** Counted up to 10,000. */
  waiting: number
  oldestMs: number
  dead: number
  /** Of the last ten minutes. */
  minutes: { failures: number; latencyMs: number | null; latencyMaxMs: number }
}

/** A login that was granted a project, as `nunchi.list_readers` answers. */
export interface ReaderFacts {
  role: string
  exists: boolean
  member: boolean
  superuser: boolean
  bypassRls: boolean
}

/** The last seven days of a project. */
export interface ProjectQuality {
  project: string
  quality: Quality
}

function age(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}

/** The queue: empty soon after each event, or nobody works on it. */
export function judgeQueue({ waiting, oldestMs }: QueueState): Check {
  const seconds = Math.floor(oldestMs / 1000)
  const detail =
    waiting === 0 ? 'empty' : `${waiting} waiting to be processed, the oldest for ${age(seconds)}`
  const fix =
    'Start a collector on this database: it processes by itself. Where it runs without a timer, let a cron call POST /v1/jobs/run each minute.'
  if (seconds < 60) return ok('queue', detail)
  return seconds < 900 ? warn('queue', detail, fix) : fail('queue', detail, fix)
}

/** What processing gave up, and how long it takes; ten minutes' average above a tenth of a second is an alert. */
export function judgeProcessing({ dead, minutes }: QueueState): Check {
  if (dead > 0)
    return fail(
      'processing',
      `${dead} events could not be processed`,
      'nunchi queue list says why; after mending the cause, nunchi queue replay tries them again.',
    )
  const { latencyMs, latencyMaxMs, failures } = minutes
  if (latencyMs === null) return ok('processing', 'nothing to process in the last ten minutes')
  const detail = `${Math.round(latencyMs)} ms from an event's commit to its effects, ${latencyMaxMs} ms at most`
  if (latencyMs > 100)
    return warn(
      'processing',
      detail,
      'Give Postgres more CPU, or run a second collector: any number may process at once.',
    )
  if (failures > 0)
    return warn(
      'processing',
      `${detail}; ${failures} calls failed`,
      "The collector's log says why (process failed).",
    )
  return ok('processing', detail)
}

/** The logins that ask in SQL. */
export function judgeReaders(readers: ReaderFacts[]): Check {
  if (readers.length === 0) return ok('readers', 'nobody reads in SQL')
  const names = (all: ReaderFacts[]) => [...new Set(all.map(({ role }) => role))].join(', ')
  const mighty = readers.filter(({ superuser, bypassRls }) => superuser || bypassRls)
  if (mighty.length > 0)
    return warn(
      'readers',
      `${names(mighty)} may read every project, whatever is granted`,
      'Let them log in by a role without superuser and bypassrls.',
    )
  const missing = readers.filter(({ exists }) => !exists)
  if (missing.length > 0)
    return warn(
      'readers',
      `no such login: ${names(missing)}`,
      `Run: create role ${missing[0]?.role} login password '…' in role nunchi_reader; or: nunchi readers remove ${missing[0]?.role}`,
    )
  const apart = readers.filter(({ member }) => !member)
  if (apart.length > 0)
    return warn(
      'readers',
      `not members of nunchi_reader, so they see nothing: ${names(apart)}`,
      `Run: grant nunchi_reader to ${apart[0]?.role}`,
    )
  return ok('readers', names(readers))
}

const percent = (part: number, whole: number): string =>
  `${((100 * part) / whole).toFixed(part * 100 < whole ? 1 : 0)} %`

/** The first that is wrong with a project's events, worst first. */
function fault(days: Quality['days'], accepted: number): [detail: string, fix: string] | undefined {
  const total = (pick: (day: Quality['days'][number]) => number) =>
    days.reduce((all, day) => all + pick(day), 0)
  const [dropped, rejected] = [total((day) => sum(day.dropped)), total((day) => sum(day.rejected))]
  const arrived = accepted + rejected + dropped
  const most = (counts: { [reason: string]: number }[]) => together(counts)[0]?.[0]
  if (dropped * 1000 > arrived)
    return [
      `${percent(dropped, arrived)} given up by senders, most as ${most(days.map((day) => day.dropped))}`,
      'docs/reference/events.md says of each reason what to do; nunchi quality shows the days.',
    ]
  if (rejected * 100 > arrived)
    return [
      `${percent(rejected, arrived)} refused, most as ${most(days.map((day) => day.rejected))}`,
      'docs/reference/errors.md explains each code; select * from nunchi_data.rejects shows the events.',
    ]
  const suspect = total((day) => day.clockSuspect)
  if (suspect * 20 > accepted)
    return [
      `${percent(suspect, accepted)} came with a clock that was off by days`,
      'Look which sdk they are of, in nunchi_data.all_events where clock_suspect: often one server or one import.',
    ]
  const bots = total((day) => day.bots)
  if (bots * 2 > accepted)
    return [
      `${percent(bots, accepted)} are of programs`,
      'They are left out of all figures; block them before the collector where they cost too much.',
    ]
  return undefined
}

/** One check for each project. Few events say little: below a hundred nothing is judged. */
export function judgeQuality({ project, quality: { days } }: ProjectQuality): Check {
  const name = `data of ${project}`
  const accepted = days.reduce((all, day) => all + day.accepted, 0)
  const lost = days.reduce((all, day) => all + sum(day.rejected) + sum(day.dropped), 0)
  if (accepted + lost === 0) return ok(name, 'nothing arrived in seven days')
  const found = accepted + lost < 100 ? undefined : fault(days, accepted)
  if (found) return warn(name, found[0], found[1])
  return ok(name, `${accepted} events in seven days, ${lost} refused or given up`)
}
