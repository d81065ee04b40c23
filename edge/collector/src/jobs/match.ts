/** The job that finds whom to show to whom, wherever people take part in matching. */
import { describeError, type Log } from '../log.ts'
import { type FindOptions, type FoundMatches, findMatches } from '../match/find-matches.ts'
import type { Participant } from '../match/wishes.ts'
import type { Storage } from '../storage/storage.ts'

/** Where people take part; times in ms. */
interface Ground {
  projectId: string
  environment: string
  people: number
  changedAt: number
  generation: number | null
  tookMs: number | null
  restedMs: number | null
}

/** What one run did. */
export interface MatchRun {
  people: number
  decisions: number
  written: number
}

/** The most people of one environment that are compared in one run, so that memory stays bounded. */
const mostPeople = 20_000

async function pages<Row, Cursor>(
  read: (after: Cursor | undefined) => Promise<{ rows: Row[]; next: Cursor | null }>,
) {
  const all: Row[] = []
  let after: Cursor | undefined
  do {
    const page = await read(after)
    all.push(...page.rows)
    after = page.next ?? undefined
  } while (after !== undefined && all.length < 500_000)
  return all
}

/** Gives way to whatever else waits, once it has worked for 20 ms. */
export function breathing(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < 20) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    since = performance.now()
  }
}

async function write(
  storage: Storage,
  about: object,
  found: FoundMatches[],
  detail: object,
): Promise<number> {
  let written = 0
  for (let at = 0; at < Math.max(found.length, 1); at += 100) {
    const rows = found.slice(at, at + 100).map(({ id, others }) => ({ id, others }))
    const done = at + 100 >= found.length ? { done: detail } : {}
    written += (await storage.call<{ written: number }>('write_matches', { ...about, rows, ...done })).written
  }
  return written
}

async function matchOne(storage: Storage, ground: Ground, options: FindOptions): Promise<MatchRun> {
  const { projectId, environment } = ground
  const began = performance.now()
  const where = { projectId, environment }
  // The database's own clock: a change while this reads is later, and starts another run.
  const generation = ground.changedAt
  const people = await pages((after) =>
    storage.call<{ rows: Participant[]; next: string | null }>('match_people', {
      ...where,
      ...(after !== undefined && { after }),
    }),
  )
  const said = await pages((after) =>
    storage.call<{ rows: [string, string, boolean][]; next: [string, string] | null }>('match_opinions', {
      ...where,
      ...(after !== undefined && { after }),
    }),
  )
  const decisions = said.map(([from, to, yes]) => ({ from, to, yes }))
  const breathe = breathing()
  const found = await findMatches(people.slice(0, mostPeople), decisions, { breathe, ...options })
  const counts = { people: people.length, decisions: decisions.length }
  const detail = { ...counts, tookMs: Math.round(performance.now() - began) }
  return { ...counts, written: await write(storage, { ...where, generation }, found, detail) }
}

/** After a long run it rests twenty times as long: where many people decide all day, something has always changed. */
function isDue({ generation, changedAt, tookMs, restedMs }: Ground): boolean {
  if (generation !== null && changedAt <= generation) return false
  return (tookMs ?? 0) < 3_000 || (restedMs ?? 0) >= 20 * (tookMs ?? 0)
}

/**
 * Matches people wherever something changed since the last run. Any number of collectors may run it at the same moment:
 * the later one's lists hold. It never throws: a failure is a warning in the log.
 *
 * @returns whether it succeeded everywhere
 */
export async function matchPeople(storage: Storage, log: Log, options: FindOptions = {}): Promise<boolean> {
  try {
    for (const ground of await storage.call<Ground[]>('match_grounds', {})) {
      if (!isDue(ground)) continue
      const run = await matchOne(storage, ground, options)
      log.info('matched people', { ...run, environment: ground.environment })
    }
    return true
  } catch (error) {
    log.warn('people could not be matched; it is tried again', { error: describeError(error) })
    return false
  }
}
