/** An operator looks at the data: readers, quality, and views as CSV, on a Postgres with events in it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { someBatch, someEvent } from '../../../collector/test/rig.ts'
import { cli } from '../../test/in-process.ts'
import { keyHash } from '../keys.ts'

let dir: string
const attack = '=HYPERLINK("https://evil.example","x")'
const hour = 3_600_000

/** Sends events as the collector does, and processes them. */
async function fill({ app }: TestDatabase, key: string): Promise<void> {
  const now = Date.now()
  const batch = (events: unknown[], more: object = {}) => {
    const { id, ...rest } = someBatch(events)
    return {
      ...rest,
      batch: id,
      keyHash: keyHash(key),
      receivedAt: now,
      sentAt: now,
      dropped: {},
      rejects: [],
      ...more,
    }
  }
  const events = [
    someEvent({ name: attack, ts: now, anonymousId: 'a1', properties: { note: attack } }),
    someEvent({
      name: 'Order Completed',
      ts: now,
      anonymousId: 'a1',
      properties: { revenue: -5, currency: 'KRW' },
    }),
    someEvent({ name: 'Old', ts: now - 2 * hour, anonymousId: 'a2' }),
  ]
  const rejects = [{ rejection: { index: 3, code: 'event_too_old', detail: 'd' }, event: '+1' }]
  await app.call('ingest', { batches: [batch(events, { dropped: { store_full: 4 }, rejects })] })
  await app.call('ingest', { batches: [batch(events)] })
  await app.call('ingest', {
    batches: [batch([someEvent({ name: 'Crawled', ts: now })], { context: { bot: true } })],
  })
  await app.call('process', {})
}

describePostgres('your data', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'nunchi-your-data-'))
    database = await createDatabase(server)
    vi.stubEnv('DATABASE_URL', database.appUrl)
    vi.stubEnv('NUNCHI_MIGRATE_URL', database.url)
    const { out } = await cli('keys', 'create', '--project', 'shop')
    await fill(database, out.trim())
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true, force: true })
    await database?.sql.unsafe(`drop role if exists "nunchi_test Ana"; drop role if exists nunchi_test_boss`)
    await database?.drop()
  })

  describe('nunchi quality', () => {
    it('counts by day what arrived, what came again, and what did not arrive by reason', async () => {
      const { code, out } = await cli('quality', '--json')
      expect(code).toBe(0)
      const { days, queue } = JSON.parse(out)
      expect(queue).toEqual({ waiting: 0, oldestSeconds: 0, dead: 0 })
      expect(days).toMatchObject([
        {
          accepted: 4,
          duplicates: 3,
          retransmits: 3,
          rejected: { event_too_old: 1 },
          dropped: { store_full: 4 },
          late: 1,
          bots: 1,
          internal: 0,
          skewed: 0,
          clockSuspect: 0,
          latencyMs: { average: expect.any(Number), max: expect.any(Number) },
        },
      ])
    })

    it('shows them as a table, and the reasons below', async () => {
      const { out } = await cli('quality', '--project', 'shop', '--days', '1')
      expect(out).toMatch(
        /^day \(UTC\) +accepted +duplicates[\s\S]*\n\d{4}-\d\d-\d\d +4 +3 +1 +4 +1 +1 +0 +0 +0 +\d+ \(max \d+\)/,
      )
      expect(out).toContain('rejected: event_too_old 1\ndropped: store_full 4\n')
    })

    it('says so where nothing arrived, and refuses a number of days that is none', async () => {
      await cli('keys', 'create', '--project', 'empty')
      expect((await cli('quality', '--project', 'empty')).out).toBe('Nothing has arrived in these days.\n')
      expect(await cli('quality', '--project', 'shop', '--days', '0')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--days is "0"'),
      })
    })
  })

  describe('nunchi export csv', () => {
    const shop = ['--project', 'shop']
    const rows = async (...words: string[]) => {
      const { code, out, err } = await cli('export', 'csv', ...shop, ...words)
      expect([code, err]).toEqual([0, ''])
      return parse(out, { columns: true, record_delimiter: '\r\n' }) as { [column: string]: string }[]
    }

    it('writes a view with every column, and nothing that a spreadsheet runs', async () => {
      const events = await rows()
      expect(events.map(({ name }) => name).toSorted()).toEqual(
        [`'${attack}`, 'Old', 'Order Completed'].toSorted(),
      )
      expect(events[0]).toMatchObject({
        environment: 'production',
        page_host: 'shop.example',
        page_path: '/tea',
        occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      })
      expect((await rows('--view', 'rejects')).map(({ event }) => event)).toEqual(["'+1"])
    })

    it('leaves numbers alone', async () => {
      expect(await rows('--view', 'revenue')).toMatchObject([{ amount: '-5.000000', currency: 'KRW' }])
    })

    it('writes people with their devices as a list', async () => {
      const people = await rows('--view', 'people')
      expect(people.map(({ person_id, anonymous_ids }) => [person_id, anonymous_ids]).toSorted()).toEqual([
        ['a1', '["a1"]'],
        ['a2', '["a2"]'],
      ])
    })

    it('keeps to a span of time, whose days are the project’s', async () => {
      const at = (ms: number) => new Date(ms).toISOString()
      const names = async (from: number, to: number) =>
        (await rows('--from', at(from), '--to', at(to))).map(({ name }) => name)
      expect(await names(Date.now() - 3 * hour, Date.now() - hour)).toEqual(['Old'])
      expect(await names(0, Date.now() - 3 * hour)).toEqual([])
      const today = at(Date.now()).slice(0, 10)
      const tomorrow = at(Date.now() + 24 * hour).slice(0, 10)
      expect(await rows('--view', 'days', '--from', tomorrow)).toEqual([])
      expect((await rows('--view', 'days', '--from', today, '--to', tomorrow)).length).toBeGreaterThan(0)
      expect(await rows('--environment', 'staging')).toEqual([])
    })

    it('writes a file of one’s own, once', async () => {
      const file = join(dir, 'events.csv')
      expect(await cli('export', 'csv', ...shop, '--out', file)).toEqual({
        code: 0,
        out: `Wrote ${file}: 3 rows of events of shop.\n`,
        err: '',
      })
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(readFileSync(file, 'utf8').split('\r\n')).toHaveLength(5)
      expect(await cli('export', 'csv', ...shop, '--out', file)).toMatchObject({
        code: 1,
        err: expect.stringContaining('name a file that is not there yet'),
      })
    })

    it.each([
      [['--view', 'api_keys'], 'There is no view "api_keys"; there are aliases, all_events,'],
      [['--view', 'people', '--from', '2026-01-01'], 'The view people has no time to go by'],
      [['--view', 'rejects', '--environment', 'production'], 'does not tell environments apart'],
      [['--from', '2026-02-30'], '--from is "2026-02-30"; write a day like'],
      [['--to', "2026-01-01'; drop"], 'write a day like'],
    ])('refuses %j and leaves no file', async (words, sentence) => {
      const file = join(dir, 'refused.csv')
      const { code, err } = await cli('export', 'csv', ...shop, ...words, '--out', file)
      expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
      expect(existsSync(file)).toBe(false)
    })
  })

  describe('nunchi readers', () => {
    it('grants a login, says how an administrator makes it, and takes it back', async () => {
      const added = await cli('readers', 'add', 'nunchi_test_metabase', '--project', 'shop')
      expect(added).toMatchObject({ code: 0, err: '' })
      expect(added.out).toMatch(
        /^nunchi_test_metabase may read shop\.\n[\s\S]*create role nunchi_test_metabase login password '…' in role nunchi_reader;/,
      )
      expect((await cli('readers', 'list')).out).toMatch(/nunchi_test_metabase +shop +no such login +\d{4}-/)
      const doctor = await cli('doctor')
      expect(doctor.out).toMatch(/! readers +no such login: nunchi_test_metabase/)
      expect(doctor.out).toMatch(/✓ data of shop +4 events in seven days, 5 refused or given up/)
      expect(await cli('readers', 'remove', 'nunchi_test_metabase', '--project', 'shop')).toMatchObject({
        code: 0,
      })
      expect(await cli('readers', 'remove', 'nunchi_test_metabase', '--project', 'shop')).toMatchObject({
        code: 1,
        err: expect.stringContaining('"nunchi_test_metabase" could not read shop'),
      })
      expect((await cli('readers', 'list')).out).toContain('Nobody yet')
    })

    it('makes a login that stands a member, warns of one that sees all, and quotes what needs it', async () => {
      await database.sql.unsafe(
        'create role "nunchi_test Ana" login; create role nunchi_test_boss login superuser',
      )
      expect((await cli('readers', 'add', 'nunchi_test Ana', '--project', 'shop')).out).toBe(
        'nunchi_test Ana may read shop.\n',
      )
      expect((await cli('readers', 'add', 'nunchi_test_boss', '--project', 'shop')).out).toContain(
        'nunchi_test_boss is a superuser',
      )
      expect((await cli('readers', 'list')).out).toMatch(
        /nunchi_test Ana +shop +ready[\s\S]*nunchi_test_boss +shop +sees everything/,
      )
    })

    it.each(['nunchi_app', 'public', ''])('refuses %j', async (role) => {
      expect((await cli('readers', 'add', role, '--project', 'shop')).code).toBe(2)
    })

    it('names the project that is not there', async () => {
      expect((await cli('readers', 'add', 'nunchi_test_metabase', '--project', 'nope')).err).toContain(
        'There is no project "nope"',
      )
    })
  })
})
