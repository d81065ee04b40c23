/** Sends what the grammar makes through the real collector over PGlite, and judges every answer and every row. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Ack, ProblemBody } from '@nunchi/protocol'
import { randomFrom } from '../../../../../scripts/simulator/random.ts'
import type { Collector, Storage } from '../../../src/index.ts'
import { eventsRequest, openRiver, type River } from '../river.ts'
import { actualRow, expectedRow, rowFaults, rowsQuery } from './expected-row.ts'
import { type Input, makeInput, type World } from './grammar.ts'

const docs = readFileSync(join(import.meta.dirname, '../../../../../docs/reference/errors.md'), 'utf8')
const codes = new Set([...docs.matchAll(/^## `?(\w+)`?$/gm)].map(([, code]) => code))

/** What a run came to. */
export interface Tally {
  inputs: number
  /** Answers by status. */
  statuses: { [status: string]: number }
  /** Refusals by code, of requests and of events. */
  codes: { [code: string]: number }
  events: number
  accepted: number
  duplicates: number
  rejected: number
  /** Rows that were read back and compared. */
  compared: number
  slowestMs: number
  /** One sentence each, with what was sent. */
  faults: string[]
}

/** How long a run lasts. */
export interface FuzzOptions {
  seed: number
  /** Ends after so many inputs. */
  inputs?: number
  /** Ends after so many ms. */
  ms?: number
  /** How many inputs one database sees before it is emptied. @default 3000 */
  chapter?: number
  /** Puts something between the collector and its database, to see that the judge notices. */
  tamper?: (storage: Storage) => Storage
}

/** The bytes of a body, decompressed where they can be. */
function plainOf(body: Uint8Array): Uint8Array {
  try {
    return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body
  } catch {
    return body
  }
}

/** What a body says, read by other code than the collector's; `undefined` where it cannot be read. */
function readBody(body: Uint8Array): { events: unknown[]; id: unknown } | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(plainOf(body)))
  } catch {
    return undefined
  }
}

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i
const idOf = (event: unknown): string | undefined => {
  const id = (event as { id?: unknown } | null)?.id
  return typeof id === 'string' && uuid.test(id) ? id.toLowerCase() : undefined
}

/** One chapter: a river, what is known to be in it, and the judge. */
function judge(river: River, collector: Collector, tally: Tally) {
  const stored = new Map<string, string>()
  let unknown = 0

  function fault(input: Input, sentence: string): void {
    const body = Buffer.from(plainOf(input.body).subarray(0, 2_000)).toString()
    tally.faults.push(`${sentence} [${input.what.join('; ')}] ${input.query} ${body}`)
  }

  function judgeProblem(input: Input, response: Response, problem: ProblemBody): void {
    tally.codes[problem.code] = (tally.codes[problem.code] ?? 0) + 1
    if (response.status >= 500) fault(input, `answered ${response.status} ${problem.code}`)
    if (response.headers.get('content-type') !== 'application/problem+json' || !codes.has(problem.code))
      fault(input, `answered ${response.status} with no problem that is documented`)
    if (input.mustAck) fault(input, `a batch that is one was refused: ${problem.code} ${problem.detail}`)
    if (/stack|select |node_modules|\.ts:/.test(JSON.stringify(problem))) fault(input, 'told of its insides')
  }

  function judgeAck(input: Input, ack: Ack, sent: { events: unknown[]; id: unknown }): void {
    const { accepted, duplicates, rejected } = ack
    if (ack.batch !== sent.id) fault(input, `acknowledged ${ack.batch}`)
    if (accepted + duplicates + rejected.length !== sent.events.length)
      fault(input, `${accepted} + ${duplicates} + ${rejected.length} of ${sent.events.length} events`)
    for (const { index, code } of rejected) {
      tally.codes[code] = (tally.codes[code] ?? 0) + 1
      if (!codes.has(code)) fault(input, `refused an event by ${code}, which is not documented`)
      if (input.intact.includes(index) && code !== 'event_partition_full')
        fault(input, `refused events[${index}], which nothing is wrong with: ${code}`)
      if (!(index >= 0 && index < sent.events.length)) fault(input, `refused events[${index}]`)
    }
    tally.events += sent.events.length
    tally.accepted += accepted
    tally.duplicates += duplicates
    tally.rejected += rejected.length
  }

  async function send(input: Input): Promise<{ input: Input; ack?: Ack; silent: boolean }> {
    const began = performance.now()
    const response = await collector.fetch(eventsRequest(input.key, input.body, input))
    const text = await response.text()
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - began)
    tally.inputs++
    tally.statuses[response.status] = (tally.statuses[response.status] ?? 0) + 1
    if (response.status === 204) return { input, silent: true }
    const answer = JSON.parse(text)
    if (response.status === 202) return { input, ack: answer, silent: false }
    judgeProblem(input, response, answer)
    return { input, silent: false }
  }

  /** Compares the rows of a round with what was sent; answers how many are new. */
  async function judgeRows(round: { input: Input; ack?: Ack; silent: boolean }[]): Promise<number> {
    const candidates = new Map<string, { input: Input; rows: Set<string>; must: boolean }>()
    for (const { input, ack, silent } of round) {
      if (!ack && !silent) continue
      const sent = readBody(input.body)
      if (!Array.isArray(sent?.events)) {
        fault(input, 'acknowledged what nobody can read')
        continue
      }
      if (ack) judgeAck(input, ack, sent)
      const refused = new Set(ack?.rejected.map(({ index }) => index))
      sent.events.forEach((event, i) => {
        const id = idOf(event)
        if (refused.has(i)) return
        if (!id) {
          if (ack) fault(input, `accepted events[${i}], which has no id`)
          return
        }
        const one = candidates.get(id) ?? { input, rows: new Set(), must: false }
        one.rows.add(expectedRow(event) as string)
        one.must ||= ack !== undefined || (input.mustAck && input.intact.includes(i))
        candidates.set(id, one)
      })
    }
    if (candidates.size === 0) return 0
    const found = await river.rows<Record<string, unknown>>(rowsQuery, [
      JSON.stringify([...candidates.keys()]),
    ])
    let fresh = 0
    for (const row of found) {
      const id = row['id'] as string
      const { input, rows } = candidates.get(id) as { input: Input; rows: Set<string> }
      const before = stored.get(id)
      const actual = actualRow(row)
      tally.compared++
      for (const sentence of rowFaults(row, river.projectId)) fault(input, `${id} ${sentence}`)
      if (before === undefined) {
        fresh++
        if (!rows.has(actual)) fault(input, `stored ${actual}, not ${[...rows].join(' or ')}`)
      } else if (before !== actual) fault(input, `${id} was overwritten`)
      stored.set(id, before ?? actual)
      candidates.delete(id)
    }
    for (const [id, { input, must }] of candidates)
      if (must) fault(input, `acknowledged ${id} and did not store it`)
    return fresh
  }

  /** What was refused must stand among the rejects, each at its place. */
  async function judgeRejects(round: { input: Input; ack?: Ack }[]): Promise<void> {
    for (const { input, ack } of round) {
      if (!ack || ack.rejected.length === 0) continue
      const found = await river.rows<{ index: number }>(
        'select index from nunchi.event_rejects where batch = $1 and project_id = $2',
        [ack.batch.toLowerCase(), river.projectId],
      )
      const places = new Set(found.map(({ index }) => index))
      for (const { index } of ack.rejected)
        if (!places.has(index)) fault(input, `refused events[${index}] and did not record it`)
    }
  }

  async function round(inputs: Input[]): Promise<void> {
    const answers = await Promise.all(inputs.map(send))
    const before = tally.accepted
    const fresh = await judgeRows(answers)
    await judgeRejects(answers)
    const first = inputs[0] as Input
    if (answers.some(({ silent }) => silent)) unknown += fresh - (tally.accepted - before)
    else if (fresh !== tally.accepted - before)
      fault(first, `accepted ${tally.accepted - before} events and stored ${fresh}`)
    if (({} as { polluted?: unknown }).polluted !== undefined) fault(first, 'polluted every object')
    for (const line of river.lines.splice(0)) {
      if (/[\r\n]/.test(line) || !JSON.parse(line).level) fault(first, `wrote the log line ${line}`)
      if (line.includes(river.key)) fault(first, 'wrote the key to the log')
    }
  }

  /** What must hold when all is sent: as many rows, and as many waiting for processing, as were accepted. */
  async function end(): Promise<void> {
    const [row] = await river.rows<{ rows: number; queued: number }>(`
      select (select count(*)::int from nunchi.analytics_events) as rows,
        (select coalesce(sum(cardinality(event_ids)), 0)::int from nunchi.event_processing_queue) as queued`)
    if (row?.rows !== stored.size || row.queued !== stored.size || unknown < 0)
      tally.faults.push(`${stored.size} events are known to be stored; ${JSON.stringify(row)} are`)
  }
  return { round, end }
}

async function empty(river: River): Promise<void> {
  await river.db.exec(
    'truncate nunchi.analytics_events, nunchi.event_rejects, nunchi.event_processing_queue, nunchi.sdk_drops',
  )
}

/** Runs until its inputs or its time are spent, or five faults are found. */
export async function fuzz(options: FuzzOptions): Promise<Tally> {
  const { seed, inputs = Number.POSITIVE_INFINITY, ms = Number.POSITIVE_INFINITY, chapter = 3_000 } = options
  const tally: Tally = {
    ...{
      inputs: 0,
      statuses: {},
      codes: {},
      events: 0,
      accepted: 0,
      duplicates: 0,
      rejected: 0,
      compared: 0,
    },
    ...{ slowestMs: 0, faults: [] },
  }
  const unheard = (reason: unknown) => tally.faults.push(`a rejection that nobody heard: ${String(reason)}`)
  process.on('unhandledRejection', unheard)
  const until = performance.now() + ms
  const river = await openRiver()
  const { tamper } = options
  const collector = tamper ? river.another({ storage: tamper(river.storage) }) : river.collector
  const goesOn = () => tally.inputs < inputs && performance.now() < until && tally.faults.length < 5
  try {
    for (let number = seed; goesOn(); number++) {
      const random = randomFrom(number)
      const world: World = { key: river.key, now: Date.now(), ids: [] }
      const { round, end } = judge(river, collector, tally)
      const last = Math.min(inputs, tally.inputs + chapter)
      while (goesOn() && tally.inputs < last) {
        const size = random.chance(0.2) ? random.int(2, 6) : 1
        await round(Array.from({ length: size }, () => makeInput(random, world)))
        if (tally.faults.length > 0)
          tally.faults = tally.faults.map((one) => (/^seed/.test(one) ? one : `seed ${number}: ${one}`))
      }
      await end()
      await empty(river)
    }
  } finally {
    await river.close()
    process.off('unhandledRejection', unheard)
  }
  return tally
}
