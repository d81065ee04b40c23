/** What every storage driver must do, as test cases that any test runner can run. */
import { uuidv7 } from '@nunchi/protocol'
import { type Storage, sqlState } from './storage.ts'

/** A fresh database behind the driver under test. */
export interface StorageUnderTest {
  /** Runs as `nunchi_app`, as the collector does. */
  app: Storage
  /** Runs as `nunchi_owner`; the same database, by whatever driver. */
  owner: Storage
}

/** One case of the contract: a sentence, and what proves it. */
export interface StorageCase {
  name: string
  run(under: StorageUnderTest): Promise<void>
}

interface Key {
  projectId: string
  keyHash: string
}

interface IngestAnswer {
  batches: { batch: string; accepted?: number; duplicates?: number; error?: string; rejected?: unknown[] }[]
}

const nextId = uuidv7()

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`)
}

async function fails(call: Promise<unknown>, state: string, what: string): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason ?? new Error('nothing'),
  )
  if (!error) throw new Error(`${what}: expected SQLSTATE ${state}, but the call succeeded`)
  same(sqlState(error), state, `${what} (${(error as Error).message})`)
}

async function newKey(owner: Storage): Promise<Key> {
  const { projectId } = await owner.call<{ projectId: string }>('create_project', {
    name: `project ${nextId()}`,
  })
  const keyHash = (nextId() + nextId()).replaceAll('-', '')
  const key = { projectId, environment: 'production', kind: 'pub', hash: keyHash, hint: keyHash.slice(-4) }
  await owner.call('create_key', key)
  return { projectId, keyHash }
}

function event(more: object = {}): { id: string } & Record<string, unknown> {
  const fields = {
    type: 'track',
    name: 'Seen',
    ts: Date.now(),
    tab: 't',
    seq: 0,
    anonymousId: 'a',
    sdk: 'test',
  }
  return { id: nextId(), ...fields, ...more }
}

function batch({ keyHash }: Key, events: unknown[], more: object = {}): { batch: string } {
  const now = Date.now()
  const frame = { receivedAt: now, sentAt: now, context: {}, dropped: {}, rejects: [] }
  return { batch: nextId(), keyHash, ...frame, events, ...more } as { batch: string }
}

const ingest = (storage: Storage, ...batches: object[]): Promise<IngestAnswer> =>
  storage.call<IngestAnswer>('ingest', { batches })

async function roundTrip({ app, owner }: StorageUnderTest): Promise<void> {
  const key = await newKey(owner)
  const properties = {
    text: '눈치 "quoted" \\ back\nslash \u{1f600}',
    whole: 9_007_199_254_740_991,
    small: 1e-7,
    list: [1, 'two', null, [true]],
    __proto: { constructor: 1 },
    injection: `'; drop table nunchi.analytics_events; --`,
  }
  await ingest(app, batch(key, [event({ properties })]))
  const [row] = await app.call<{ properties: Record<string, unknown> }[]>('recent_events', {
    ...key,
    anonymousId: 'a',
  })
  const sorted = (o: object) => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)))
  same(sorted(row?.properties ?? {}), sorted(properties), 'the properties read back')
}

async function membersOnly({ app, owner }: StorageUnderTest): Promise<void> {
  const [mine, theirs] = [await newKey(owner), await newKey(owner)]
  const [me, them] = [nextId(), nextId()]
  await owner.call('set_member', { projectId: mine.projectId, userId: me, role: 'viewer' })
  await owner.call('set_member', { projectId: theirs.projectId, userId: them, role: 'viewer' })
  const seen = async (sub: string) => {
    const rows = await app.call<{ projectId: string }[]>('member_projects', {}, { claims: { sub } })
    return rows.map((row) => row.projectId)
  }
  same(await seen(me), [mine.projectId], 'a member sees')
  same(await seen(nextId()), [], 'a stranger sees')
  const calls = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? me : i % 3 === 1 ? them : nextId()))
  const failing = calls.map((sub) =>
    app.call('no_such_function', {}, { claims: { sub } }).catch(() => undefined),
  )
  const results = await Promise.all(calls.map(seen))
  await Promise.all(failing)
  for (const [i, rows] of results.entries())
    same(
      rows,
      i % 3 === 0 ? [mine.projectId] : i % 3 === 1 ? [theirs.projectId] : [],
      `interleaved call ${i} sees`,
    )
  await fails(app.call('member_projects', {}), '42501', 'a member function without claims')
  await fails(app.call('ingest', { batches: [] }, { claims: { sub: me } }), '42501', 'ingest() as a member')
}

/** The contract, case by case; each may be run on one database after the other. */
export const storageCases: StorageCase[] = [
  {
    name: 'stores an event once, however often and in whatever company it comes',
    async run({ app, owner }) {
      const key = await newKey(owner)
      const [one, two, three] = [event(), event(), event()]
      const first = await ingest(app, batch(key, [one, two, one]))
      same([first.batches[0]?.accepted, first.batches[0]?.duplicates], [2, 1], 'the first call')
      const second = await ingest(app, batch(key, [two, three]), batch(key, [three]))
      same(
        second.batches.map((b) => [b.accepted, b.duplicates]),
        [
          [1, 1],
          [0, 1],
        ],
        'the second call',
      )
      const rows = await app.call<unknown[]>('recent_events', { ...key, anonymousId: 'a' })
      same(rows.length, 3, 'the rows')
    },
  },
  {
    name: 'answers batch by batch, in order, also where a key is unknown',
    async run({ app, owner }) {
      const key = await newKey(owner)
      const batches = [
        batch(key, [event()]),
        batch({ ...key, keyHash: 'unknown' }, [event()]),
        batch(key, []),
      ]
      const { batches: answers } = await ingest(app, ...batches)
      same(
        answers.map((b) => b.batch),
        batches.map((b) => b.batch),
        'the batches',
      )
      same(
        answers.map((b) => b.error ?? b.accepted),
        [1, 'key_unknown', 0],
        'the answers',
      )
    },
  },
  { name: 'gives JSON back as it was given', run: roundTrip },
  {
    name: 'answers null where the function does',
    async run({ app }) {
      same(await app.call('find_key', { hash: 'unknown' }), null, 'find_key()')
    },
  },
  { name: 'runs a call with claims as that person, and never as the one before', run: membersOnly },
  {
    name: 'keeps the SQLSTATE of an error, and works on afterwards',
    async run({ app, owner }) {
      const key = await newKey(owner)
      await fails(app.call('no_such_function', {}), '42883', 'an unknown function')
      await fails(app.call('create_project', { name: 'x' }), '42501', 'an administrative function')
      await fails(ingest(app, batch(key, [event({ id: 'no uuid' })])), '22P02', 'an id that is none')
      await fails(ingest(app, batch(key, [event({ name: null })])), '23502', 'an event without a name')
      same((await ingest(app, batch(key, [event()]))).batches[0]?.accepted, 1, 'the call after')
    },
  },
  {
    name: 'takes the largest batch',
    async run({ app, owner }) {
      const key = await newKey(owner)
      const events = Array.from({ length: 500 }, () => event({ properties: { text: 'x'.repeat(1900) } }))
      same((await ingest(app, batch(key, events))).batches[0]?.accepted, 500, 'the largest batch')
    },
  },
  {
    name: 'treats a name of a function as a name',
    async run({ app }) {
      const name = `health"('{}'); drop schema nunchi cascade; --`
      const error = await app.call(name, {}).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (!error) throw new Error('a function by that name was found')
      same((await app.call<{ ok: boolean }>('health', {})).ok, true, 'health afterwards')
    },
  },
  {
    name: 'runs many calls at once',
    async run({ app, owner }) {
      const key = await newKey(owner)
      const shared = Array.from({ length: 20 }, () => event())
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => ingest(app, batch(key, i % 2 ? shared : [...shared].reverse()))),
      )
      const accepted = answers.reduce((sum, answer) => sum + (answer.batches[0]?.accepted ?? 0), 0)
      const duplicates = answers.reduce((sum, answer) => sum + (answer.batches[0]?.duplicates ?? 0), 0)
      same([accepted, duplicates], [20, 780], 'accepted and duplicates in all')
    },
  },
]
