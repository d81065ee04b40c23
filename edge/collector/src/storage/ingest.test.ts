/** What ingest() promises beyond the storage contract: whose an event is, when it happened, what is noted beside it. */
import { uuidv7 } from '@nunchi/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'

interface Answer {
  batch: string
  accepted: number
  duplicates: number
  rejected: { index: number; id: string; code: string; docs: string }[]
  error?: string
}

const nextId = uuidv7()
const hour = 3_600_000
const idAt = (ms: number, last = 0): string => {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${last.toString(16).padStart(12, '0')}`
}
const event = (more: object = {}) => ({
  id: nextId(),
  type: 'track',
  name: 'n',
  ts: Date.now(),
  tab: 't',
  seq: 0,
  anonymousId: 'a',
  sdk: 's',
  ...more,
})

describePostgres('ingest()', (server) => {
  let db: TestDatabase
  let hash: string
  let projectId: string

  const ingest = async (...batches: object[]) =>
    (await db.app.call<{ batches: Answer[] }>('ingest', { batches })).batches
  const batch = (events: object[], more: object = {}) => {
    const now = Date.now()
    return {
      batch: nextId(),
      keyHash: hash,
      receivedAt: now,
      sentAt: now,
      context: {},
      dropped: {},
      rejects: [],
      events,
      ...more,
    }
  }
  const rows = (query: string) => db.sql.unsafe(query.replaceAll('$p', `'${projectId}'`))
  const newKey = async (project: string, more: object = {}) => {
    const key = nextId().replaceAll('-', '').repeat(2)
    await db.owner.call('create_key', {
      projectId: project,
      environment: 'staging',
      kind: 'pub',
      hash: key,
      hint: key.slice(-6),
      ...more,
    })
    return key
  }

  beforeAll(async () => {
    db = await createDatabase(server)
  })
  beforeEach(async () => {
    projectId = (await db.owner.call<{ projectId: string }>('create_project', { name: nextId() })).projectId
    hash = await newKey(projectId)
  })
  afterAll(() => db?.drop())

  it('security 19: takes project, environment and key from the key, whatever the body says', async () => {
    const internal = await newKey(projectId, { environment: 'development', internal: true })
    const forged = event({
      projectId: nextId(),
      project_id: nextId(),
      environment: 'production',
      receivedAt: 1,
      internal: false,
    })
    await ingest(batch([forged], { keyHash: internal, projectId: nextId(), environment: 'production' }))
    expect([
      ...(await rows(
        'select project_id, environment, internal, received_at > now() - interval $$1 minute$$ as now from nunchi.analytics_events where project_id = $p',
      )),
    ]).toEqual([{ project_id: projectId, environment: 'development', internal: true, now: true }])
  })

  it('security 17, 18: keeps one id apart by project, and never overwrites', async () => {
    const other = (await db.owner.call<{ projectId: string }>('create_project', { name: nextId() })).projectId
    const one = event({ name: 'first' })
    const answers = await ingest(
      batch([one]),
      batch([{ ...one, name: 'theirs' }], { keyHash: await newKey(other) }),
      batch([{ ...one, name: 'second' }]),
    )
    expect(answers.map((a) => [a.accepted, a.duplicates])).toEqual([
      [1, 0],
      [1, 0],
      [0, 1],
    ])
    await ingest(batch([{ ...one, name: 'third' }]))
    expect(
      await rows(`select count(*)::int as n from nunchi.analytics_events where id = '${one.id}'`),
    ).toEqual([{ n: 2 }])
    expect(
      (await rows('select name from nunchi.analytics_events where project_id = $p'))[0]?.['name'],
    ).toMatch(/first|second/)
  })

  it('refuses a revoked key as it does an unknown one', async () => {
    await db.owner.call('revoke_key', { hash })
    expect(await ingest(batch([event()]))).toMatchObject([{ error: 'key_unknown' }])
    expect(await db.app.call('find_key', { hash })).toBeNull()
  })

  it('moves each time by the skew, keeps the time as sent, and marks clocks that are off', async () => {
    const now = 1_790_000_000_000 + Math.floor(Math.random() * 1e9)
    const at = (ts: number, id = idAt(ts, seq++)) => event({ ts, id })
    let seq = 0
    const slow = 3 * hour
    await ingest(batch([at(now - slow - 500)], { receivedAt: now, sentAt: now - slow }))
    await ingest(batch([at(now - 60 * hour)], { receivedAt: now, sentAt: now - 50 * hour }))
    await ingest(batch([at(now - 72 * hour, idAt(now, 99))], { receivedAt: now, sentAt: now }))
    await ingest(batch([at(now - 20 * 24 * hour)], { receivedAt: now, sentAt: now }))
    const found =
      await rows(`select extract(epoch from occurred_at)::float8 * 1000 - ${now} as occurred, extract(epoch from ts)::float8 * 1000 - ${now} as ts,
      skew_ms::float8 as skew, clock_suspect as suspect from nunchi.analytics_events where project_id = $p order by received_at, skew_ms desc, occurred_at`)
    const rounded = found.map(({ occurred, ts, skew, suspect }) => [
      Math.round(occurred),
      Math.round(ts),
      skew,
      suspect,
    ])
    expect(rounded).toEqual([
      [-10 * hour, -60 * hour, 50 * hour, true],
      [-500, -slow - 500, slow, false],
      [-20 * 24 * hour, -20 * 24 * hour, 0, false],
      // Told by hand when it happened: the id does not say, so that a question that prunes by ids looks here too.
      [-72 * hour, -72 * hour, 0, true],
    ])
  })

  it('writes one queue row a call, with what it stored and nothing else', async () => {
    const before =
      (await rows('select max(id)::int as id from nunchi.event_processing_queue'))[0]?.['id'] ?? 0
    const [old, one, two] = [event(), event(), event()]
    await ingest(batch([old]))
    await ingest(batch([two, old]), batch([one, two]))
    await ingest(batch([one, two, old]))
    const queue = await rows(
      `select event_ids, project_ids, processing_status, retry_count from nunchi.event_processing_queue where id > ${before} order by id`,
    )
    const pending = { processing_status: 'pending', retry_count: 0 }
    expect([...queue]).toEqual([
      { event_ids: [old.id], project_ids: [projectId], ...pending },
      { event_ids: [one.id, two.id].sort(), project_ids: [projectId, projectId], ...pending },
    ])
  })

  it('records rejects once, and counts drops and retransmits', async () => {
    const reject = {
      rejection: { index: 3, id: 'x', code: 'event_malformed', detail: 'd', fix: 'f', docs: 'u' },
      event: '{"a":',
    }
    const sent = batch([event()], { rejects: [reject], dropped: { store_full: 7, consent: 2 } })
    await ingest(sent)
    await ingest(sent)
    await ingest(batch([], { dropped: { too_old: 1 } }))
    expect([
      ...(await rows(
        'select batch, index, event_id, code, event from nunchi.event_rejects where project_id = $p',
      )),
    ]).toEqual([{ batch: sent.batch, index: 3, event_id: 'x', code: 'event_malformed', event: '{"a":' }])
    expect([
      ...(await rows(
        'select reason, events::int from nunchi.sdk_drops where project_id = $p order by reason',
      )),
    ]).toEqual([
      { reason: 'consent', events: 2 },
      { reason: 'retransmit', events: 1 },
      { reason: 'store_full', events: 7 },
      { reason: 'too_old', events: 1 },
    ])
  })

  it('stores nothing of a group when one event cannot be stored', async () => {
    await expect(
      ingest(batch([event()]), batch([event({ properties: undefined, name: null })])),
    ).rejects.toMatchObject({ code: '23502' })
    expect(
      await rows('select count(*)::int as n from nunchi.analytics_events where project_id = $p'),
    ).toEqual([{ n: 0 }])
  })

  describe('with ids outside of the months that stand', () => {
    const far = Date.UTC(2090, 0, 1)
    const fill = (n: number) =>
      rows(`insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id, clock_suspect, internal, environment, type, name, tab, sdk)
      select $p, nunchi.uuid_floor(to_timestamp(${far / 1000} + n)), now(), now(), now(), 0, 0, k.id, true, false, 'staging', 'track', 'n', 't', 's'
      from generate_series(1, ${n}) n, nunchi.api_keys k where k.hash = '${hash}'`)

    it('takes them, up to a bound per key, and then rejects them by name', async () => {
      await fill(9_998)
      const strays = [1, 2, 3, 4].map((n) => event({ id: idAt(far + 9e9, n) }))
      const fine = event()
      const [answer] = await ingest(batch([strays[3]!, fine, ...strays.slice(0, 3)]))
      expect(answer).toMatchObject({ accepted: 3, duplicates: 0 })
      expect(answer?.rejected).toMatchObject([
        {
          index: 0,
          id: strays[3]!.id,
          code: 'event_partition_full',
          docs: 'https://nunchi.dev/docs/errors#event_partition_full',
        },
        { index: 4, id: strays[2]!.id, code: 'event_partition_full' },
      ])
      expect(
        await rows('select count(*)::int as n from nunchi.analytics_events where project_id = $p'),
      ).toEqual([{ n: 10_001 }])
      expect(
        await rows(
          `select count(*)::int as n from nunchi.event_rejects where project_id = $p and code = 'event_partition_full' and event like '{%'`,
        ),
      ).toEqual([{ n: 2 }])
      const [queued] = await rows(
        'select event_ids from nunchi.event_processing_queue order by id desc limit 1',
      )
      expect(queued?.['event_ids']).toEqual([fine.id, strays[0]!.id, strays[1]!.id])
    })

    it('records each refusal at its place in the batch as sent, beside those refused before', async () => {
      await fill(10_000)
      const rejects = [{ rejection: { index: 0, code: 'event_name_invalid', detail: 'x' }, event: '{}' }]
      const stray = event({ id: idAt(far + 9e9, 1) })
      const [answer] = await ingest(batch([stray], { rejects, positions: [1] }))
      expect(answer?.rejected).toMatchObject([
        { index: 0, detail: expect.stringContaining('events[0].id lies') },
      ])
      expect(
        await rows(
          `select index, code, left(detail, 12) as detail from nunchi.event_rejects where project_id = $p order by index`,
        ),
      ).toEqual([
        { index: 0, code: 'event_name_invalid', detail: 'x' },
        { index: 1, code: 'event_partition_full', detail: 'events[1].id' },
      ])
    })

    it('leaves other keys of the project their room', async () => {
      await fill(10_000)
      const other = await newKey(projectId)
      const stray = () => event({ id: idAt(far + 8e9, Math.floor(Math.random() * 1e9)) })
      const [full, free] = await ingest(batch([stray()]), batch([stray()], { keyHash: other }))
      expect([full?.accepted, full?.rejected.length, free?.accepted]).toEqual([0, 1, 1])
    })
  })

  it('accounts for each event once, whatever is sent in whatever company, at whatever moment', async () => {
    const pool = Array.from({ length: 30 }, () => nextId())
    const group = fc.array(fc.array(fc.nat(29), { maxLength: 8 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 4 }), async (calls) => {
        projectId = (await db.owner.call<{ projectId: string }>('create_project', { name: nextId() }))
          .projectId
        hash = await newKey(projectId)
        const answers = await Promise.all(
          calls.map((batches) =>
            ingest(...batches.map((ids) => batch(ids.map((i) => event({ id: pool[i] }))))),
          ),
        )
        for (const [c, batches] of calls.entries())
          for (const [b, ids] of batches.entries())
            expect(answers[c]![b]!.accepted + answers[c]![b]!.duplicates).toBe(ids.length)
        const distinct = new Set(calls.flat(2)).size
        expect(answers.flat().reduce((sum, answer) => sum + answer.accepted, 0)).toBe(distinct)
        expect(
          await rows('select count(*)::int as n from nunchi.analytics_events where project_id = $p'),
        ).toEqual([{ n: distinct }])
      }),
      { numRuns: 40 },
    )
  })
})
