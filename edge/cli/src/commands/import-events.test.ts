/** Importing older events: every row once, whatever happens in between, and what cannot be an event is named. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'
import { endAll, nunchi } from '../../test/running.ts'

const dir = mkdtempSync(join(tmpdir(), 'nunchi-import-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describePostgres('nunchi import', (server) => {
  // All of them once; on other servers enough to be killed in.
  const rows = server.name === inject('postgres').servers[0]?.name ? 50_000 : 12_000
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase(server)
    vi.stubEnv('DATABASE_URL', database.appUrl)
    vi.stubEnv('NUNCHI_MIGRATE_URL', database.url)
    await database.owner.call('create_project', { name: 'shop' })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await endAll()
    await database?.drop()
  })

  const stored = async (where = 'true') =>
    Number(
      (await database.sql.unsafe(`select count(*) from nunchi.analytics_events where ${where}`))[0]!['count'],
    )
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }

  it('takes a table of up to 50,000 rows over a year, is killed in the middle, and comes to the exact count', async () => {
    await database.sql.unsafe(`create table public.legacy (id bigint primary key, event_name text, properties jsonb, user_id text,
        created_at timestamptz);
      insert into public.legacy select i, 'Order Completed', jsonb_build_object('n', i), 'u' || i % 900,
        now() - i * interval '10 minutes' from generate_series(1, ${rows}) i`)
    const env = { DATABASE_URL: database.appUrl, NUNCHI_MIGRATE_URL: database.url }
    const first = nunchi(['import', '--table', 'public.legacy'], env)
    await expect.poll(() => stored(), { timeout: 20_000, interval: 20 }).toBeGreaterThan(4_000)
    await first.end('SIGKILL')
    const before = await stored()
    expect(before, 'it was in the middle').toBeLessThan(rows)

    const { code, out, err } = await cli('import', '--table', 'public.legacy')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Going on after \d+ rows of legacy\.\n/)
    expect(out).toMatch(
      new RegExp(
        `Imported legacy into shop: ${rows} rows, \\d+ events stored, \\d+ were there already, 0 left out`,
      ),
    )
    expect(await stored()).toBe(rows)
    expect(
      await stored("tableoid = 'nunchi.analytics_events_default'::regclass"),
      'each month has its partition',
    ).toBe(0)
    expect(
      await stored(`clock_suspect or occurred_at <> ts or (properties ->> 'n') is null or user_id is null`),
    ).toBe(0)
    const [queued] =
      await database.sql`select sum(cardinality(event_ids))::int as n from nunchi.event_processing_queue`
    expect(queued!['n'], 'all of it waits to be processed').toBe(rows)
    const keys =
      await database.sql`select revoked_at is null as alive from nunchi.api_keys where hint = 'import'`
    expect([...keys], 'one key, in force only meanwhile').toEqual([{ alive: false }])
  }, 90_000)

  it('takes CSV with everything that RFC 4180 allows, names bad rows by line, and keeps the others', async () => {
    const csv = file(
      'old.csv',
      [
        '\ufeffmessage_id,kind,props,who,"when"',
        'a1,"Signed ""Up""","{""plan"": ""pro"", ""note"": ""two\\nlines, 차"",\n""rate"": 1}",kim,2026-03-01 10:00:00+09',
        'a2,Viewed,,,2026-03-01T10:00:00Z',
        `${'x'.repeat(400)},Viewed,{},lee,1772359200`,
        'a4,Viewed,[1],lee,2026-03-01',
        'a5,Viewed,{,lee,2026-03-01',
        'a6,,{},lee,2026-03-01',
        ',Viewed,{},lee,2026-03-01',
        'a8,Viewed,{},lee,yesterday',
        'a9,Viewed,{},lee,1999-01-01',
        'a10,Viewed,{},lee,2099-01-01',
        'a11,Viewed,{}',
        `a12,Viewed,{},${'u'.repeat(300)},2026-03-01`,
        'a13,Viewed,{},lee,1772359200123\r',
        '',
      ].join('\n'),
    )
    const list = join(dir, `bad-${Math.random()}.jsonl`)
    const words = [
      'import',
      csv,
      '--columns',
      'event=kind,user=who,at=when',
      '--environment',
      'staging',
      '--bad',
      list,
    ]
    const { code, out, err } = await cli(...words)
    expect(code).toBe(0)
    expect(out).toMatch(/ 13 rows, 4 events stored, 0 were there already, 9 left out/)
    expect((await cli(...words)).out).toMatch(/ 13 rows, 0 events stored, 4 were there already, 9 left out/)
    const bad = readFileSync(list, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { place: string; reason: string })
    expect(bad.map(({ place, reason }) => `${place}: ${reason}`)).toEqual([
      expect.stringMatching(/^line 6: properties is no JSON object: \[1\]/),
      expect.stringMatching(/^line 7: properties is no JSON object: \{/),
      'line 8: it has no event name',
      'line 9: it has no id',
      'line 10: its time is not understood: yesterday',
      expect.stringMatching(/^line 11: it is of 1999-.*240 months/),
      expect.stringMatching(/^line 12: its time lies in the future/),
      expect.stringMatching(/^line 13: .*/),
      expect.stringMatching(/^line 14: userId must be a text of at most 256/),
    ])
    expect(err.match(/^! line/gm)).toHaveLength(9)
    const found =
      await database.sql`select name, user_id, anonymous_id, properties, occurred_at from nunchi.analytics_events
      where environment = 'staging' order by occurred_at, name, user_id`
    expect([...found]).toMatchObject(
      [
        {
          name: 'Signed "Up"',
          user_id: 'kim',
          properties: { plan: 'pro', note: 'two\nlines, 차', rate: 1 },
          occurred_at: new Date('2026-03-01T01:00:00Z'),
        },
        { user_id: 'lee', occurred_at: new Date(1772359200000) },
        { user_id: 'lee', occurred_at: new Date(1772359200123) },
        { user_id: null, anonymous_id: 'imported', occurred_at: new Date('2026-03-01T10:00:00Z') },
      ].toSorted((a, b) => a.occurred_at.getTime() - b.occurred_at.getTime()),
    )
  })

  it('takes JSONL of which a line is broken', async () => {
    const path = file(
      'old.jsonl',
      '{"id":1,"event":"A","user_id":7,"properties":{"x":1},"timestamp":"2026-04-01T00:00:00Z"}\nnope\n\n[1]\n{"id":2,"event":"B","at":1774000000}\n',
    )
    const { out, err } = await cli('import', path, '--environment', 'development')
    expect(out).toMatch(
      /^Imported old\.jsonl into \S+: 4 rows, 2 events stored, 0 were there already, 2 left out/m,
    )
    expect(err).toMatch(/line 2: it is no JSON object[\s\S]*line 4: it is no JSON object/)
    expect(await stored(`environment = 'development' and user_id = '7' and properties = '{"x": 1}'`)).toBe(1)
  })

  it.each([
    ['latin.csv', Buffer.from('id,event,user,at\nl1,Caf\xe9,kim,2026-03-01\n', 'latin1')],
    ['utf16.csv', Buffer.from('\ufeffid,event,user,at\nl1,Cafe,kim,2026-03-01\n', 'utf16le')],
    ['latin.jsonl', Buffer.from('{"id":"l1","event":"Caf\xe9","user":"kim","at":"2026-03-01"}\n', 'latin1')],
    ['cut.jsonl', Buffer.from('{"id":"l1","event":"x","user":"kim","at":"2026-03-01"}\n\xc3', 'latin1')],
  ])('refuses what is not UTF-8, rather than store other words: %s', async (name, bytes) => {
    const before = await stored()
    writeFileSync(join(dir, name), bytes)
    const { code, err } = await cli('import', join(dir, name), '--project', 'shop')
    expect(code).toBe(1)
    expect(err).toContain(`${name} is not in UTF-8. Write it anew`)
    expect(await stored()).toBe(before)
  })

  it('refuses rows of erased people, and rows older than the project keeps', async () => {
    const { projectId } = await database.owner.call<{ projectId: string }>('create_project', {
      name: 'small',
    })
    await database.owner.call('erase_person', { projectId, id: 'gone' })
    await database.owner.call('set_retention', { projectId, days: 10 })
    const old = new Date(Date.now() - 20 * 86_400_000).toISOString()
    const path = file(
      'few.csv',
      `id,event,user_id,at\n1,A,gone,${new Date().toISOString()}\n2,A,here,${old}\n`,
    )
    const { out, err } = await cli('import', path, '--project', 'small')
    expect(out).toContain('2 rows, 0 events stored')
    expect(err).toMatch(/line 2: is of a person whose data was erased/)
    expect(err).toMatch(/line 3: it is of .* the project keeps 10 days/)
  })

  it('says what is wrong with the command, the table and the columns', async () => {
    await database.sql.unsafe(`create table if not exists public."Odd one" (key text, event text, at text);
      insert into public."Odd one" values ('k', 'A', '2026-05-01'), ('k', 'B', '2026-05-01')`)
    for (const [words, code, sentence] of [
      [['--project', 'shop'], 2, 'Name what to import'],
      [['x.csv', '--table', 'legacy', '--project', 'shop'], 2, 'Name what to import'],
      [['x.txt', '--project', 'shop'], 2, 'must end in .csv'],
      [['x.csv', '--project', 'shop'], 1, 'x.csv cannot be read (ENOENT)'],
      [['--table', 'none', '--project', 'shop'], 1, 'There is no table none there'],
      [['--table', 'a b', '--project', 'shop'], 1, 'write SCHEMA.TABLE'],
      [['--table', 'legacy', '--columns', 'when=at', '--project', 'shop'], 2, 'one of id, event'],
      [
        ['--table', 'legacy', '--columns', 'at=when', '--project', 'shop'],
        1,
        'no column "when". It has id, event_name',
      ],
      [['--table', '"Odd one"', '--project', 'shop'], 1, 'no column that is usual for "id"'],
      [
        ['--table', '"Odd one"', '--columns', 'id=key', '--project', 'shop'],
        1,
        'Several rows of "Odd one" have the id k',
      ],
      [
        ['--table', 'legacy', '--source-url', 'mysql://x', '--project', 'shop'],
        1,
        '--source-url is not a Postgres address',
      ],
      [['x.csv', '--source-url', 'postgres://x', '--project', 'shop'], 2, '--source-url goes with --table'],
      [['--table', 'legacy', '--project', 'nobody'], 1, 'There is no project "nobody"; there are'],
    ] as const) {
      const ran = await cli('import', ...words)
      expect([ran.code, ran.err], words.join(' ')).toEqual([code, expect.stringContaining(sentence)])
    }
  })

  it('reads a table of another database', async () => {
    const other = await createDatabase(server, { migrate: false })
    await other.sql.unsafe(`create table events (id uuid primary key, name text, created_at timestamp);
      insert into events select gen_random_uuid(), 'A', '2026-02-01 00:00' from generate_series(1, 5)`)
    const words = ['import', '--table', 'events', '--source-url', other.url, '--project', 'small']
    await database.owner.call('create_project', { name: 'elsewhere' })
    const { out, err } = await cli(...words.slice(0, -1), 'elsewhere')
    await other.drop()
    expect(err).toBe('')
    expect(out).toMatch(/Imported events of postgres:\S+ into elsewhere: 5 rows, 5 events stored/)
    expect(out, 'no password').not.toMatch(/:\w+@/)
    expect(await stored(`occurred_at = '2026-02-01T00:00:00Z'`)).toBe(5)
  })
})
