/** The guide's questions, asked by a reader of a database that events were ingested into and processed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { refreshAll } from '../../test/recommend-grounds.ts'
import { someBatch, someEvent } from '../../test/rig.ts'

const reader = 'nunchi_test_reader_of_shop'
const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guide/your-data-in-sql.md'), 'utf8')
const questions = [...guide.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!)
const day = 86_400_000

/** What one person does: a visit on a phone, then one on a laptop where they sign in and buy. */
function story(now: number): object[] {
  const phone = { anonymousId: 'phone', sessionId: 's1' }
  const laptop = { anonymousId: 'laptop', sessionId: 's2', userId: 'user-42' }
  const page = (url: string) => ({ url, referrer: 'https://www.search.example/q?x=1' })
  return [
    {
      type: 'page',
      name: '/tea',
      ts: now - 3 * day,
      ...phone,
      page: page('https://shop.example/tea?utm_source=news'),
      properties: { campaign: { source: 'news' } },
    },
    { type: 'page', name: '/tea', ts: now - 2 * day, ...laptop, page: page('https://www.shop.example/tea') },
    { type: 'identify', name: 'identify', ts: now - 2 * day + 1, ...laptop, properties: { plan: 'pro' } },
    {
      name: 'Web Vital',
      ts: now - 2 * day + 2,
      ...laptop,
      properties: { metric: 'LCP', value: 1800.5, rating: 'good', id: 'v1' },
    },
    { name: 'Product Viewed', ts: now - 3 * day + 1, ...phone, properties: { itemId: 'tea' } },
    { name: 'Product Added', ts: now - 2 * day + 3, ...laptop, properties: { itemId: 'tea' } },
    {
      name: 'Recommendation Viewed',
      ts: now - 2 * day + 5,
      ...laptop,
      properties: { list: 'user', items: ['tea', 'cup'] },
    },
    {
      name: 'Recommendation Clicked',
      ts: now - 2 * day + 6,
      ...laptop,
      properties: { list: 'user', itemId: 'cup' },
    },
    {
      name: 'Order Completed',
      ts: now - 2 * day + 4,
      ...laptop,
      properties: { revenue: '12.50', currency: 'krw' },
    },
    // Signed in on the phone only afterwards: its past is theirs, too.
    { type: 'identify', name: 'identify', ts: now - day, ...phone, userId: 'old-42', properties: {} },
    { type: 'alias', name: 'alias', ts: now - day + 1, ...phone, userId: 'user-42', previousId: 'old-42' },
    { name: 'prompt_usage', ts: now - day + 2, ...phone },
  ]
}

describePostgres('the guide to your data', (server) => {
  let db: TestDatabase
  let sql: Sql
  beforeAll(async () => {
    db = await createDatabase(server)
    const { projectId } = await db.owner.call<{ projectId: string }>('create_project', { name: 'shop' })
    const key = { projectId, environment: 'production', kind: 'pub', hash: 'a'.repeat(64), hint: 'x' }
    await db.owner.call('create_key', key)
    const items = [
      { id: 'tea', type: 'products', title: 'Tea', tags: ['green'] },
      { id: 'cup', type: 'products', title: 'Cup', tags: ['blue'] },
    ]
    await db.owner.call('set_items_of', { projectId, environment: 'production', items })
    const now = Date.now()
    const { id, ...rest } = someBatch(story(now).map((event) => someEvent(event)))
    const batch = {
      ...rest,
      batch: id,
      keyHash: key.hash,
      receivedAt: now,
      sentAt: now,
      dropped: { store_full: 1 },
    }
    const rejects = [{ rejection: { index: 9, code: 'event_too_old', detail: 'd' }, event: '{}' }]
    await db.app.call('ingest', { batches: [{ ...batch, rejects }] })
    await db.app.call('process', {})
    await refreshAll(db)
    await db.sql.unsafe(`do $$ begin create role ${reader} login password 'nunchi' in role nunchi_reader;
      exception when duplicate_object or unique_violation then null; end $$`)
    await db.owner.call('set_reader', { role: reader, projectId })
    sql = db.connect(Object.assign(new URL(db.appUrl), { username: reader }).href, { max: 1 })
  })
  afterAll(() => db?.drop())

  it.each(questions.map((text) => [text.split('\n').slice(0, 3).join(' ').slice(0, 70), text]))(
    '%s … answers',
    async (_, text) => {
      expect((await sql.unsafe(text)).length).toBeGreaterThan(0)
    },
  )

  it('finds one person on two devices, whose past before signing in is theirs', async () => {
    const people = await sql.unsafe(
      'select person_id, identified, sessions::int, conversions::int, anonymous_ids, traits from nunchi_data.people',
    )
    expect([...people]).toEqual([
      {
        person_id: 'user-42',
        identified: true,
        sessions: 2,
        conversions: 1,
        anonymous_ids: ['laptop', 'phone'],
        traits: { plan: 'pro' },
      },
    ])
    const [row] = await sql.unsafe(
      'select count(*)::int as events, count(distinct person_id)::int as people, min(person_id) as person from nunchi_data.events',
    )
    expect(row).toEqual({ events: 12, people: 1, person: 'user-42' })
  })

  it('finds who had to do with which item, of which catalog, and what lists brought it', async () => {
    const rows =
      await sql.unsafe(`select t.person_id, t.anonymous_id, t.item_id, t.kinds, t.weight::float, i.title
      from nunchi_data.interactions t join nunchi_data.items i using (project_id, environment, item_id) order by 2, 3`)
    const of = { person_id: 'user-42', title: 'Tea', item_id: 'tea' }
    expect([...rows]).toEqual([
      { ...of, anonymous_id: 'laptop', item_id: 'cup', kinds: { click: 1 }, weight: 2, title: 'Cup' },
      { ...of, anonymous_id: 'laptop', kinds: { add: 1 }, weight: 3 },
      { ...of, anonymous_id: 'phone', kinds: { view: 1 }, weight: 1 },
    ])
    expect([
      ...(await sql.unsafe(`select item_id, list, impressions::int, clicks::int
        from nunchi_data.recommendation_days order by 1`)),
    ]).toEqual([
      { item_id: 'cup', list: 'user', impressions: 1, clicks: 1 },
      { item_id: 'tea', list: 'user', impressions: 1, clicks: 0 },
    ])
    const liked = await sql.unsafe(`select distinct person_id, preference_value from nunchi_data.preferences
      where preference_type = 'tag' order by 2`)
    expect(liked.map((row) => [row['person_id'], row['preference_value']])).toEqual([
      ['user-42', 'blue'],
      ['user-42', 'green'],
    ])
  })

  it('tells an item that was deleted from one that can be recommended', async () => {
    const [project] = await db.sql.unsafe('select id from nunchi.projects')
    const whose = { projectId: project?.['id'], environment: 'production' }
    await db.owner.call('set_items_of', { ...whose, items: [{ id: 'pot', type: 'products', title: 'Pot' }] })
    await db.owner.call('delete_items_of', { ...whose, ids: ['pot'] })
    const seen = await sql.unsafe(
      'select item_id, available, deleted_at is not null as deleted from nunchi_data.items order by 1',
    )
    expect([...seen]).toEqual([
      { item_id: 'cup', available: true, deleted: false },
      { item_id: 'pot', available: false, deleted: true },
      { item_id: 'tea', available: true, deleted: false },
    ])
  })

  it('agrees with processing on what is a conversion, a feature, revenue, a page, a source and a person', async () => {
    const counted = await sql.unsafe(`select kind, name, events::int, amount::float from nunchi_data.days
      where kind in ('conversion', 'revenue', 'feature', 'page') order by 1, 2`)
    const [seen] = await sql.unsafe(`select
      (select min(conversion) from nunchi_data.conversions) as conversion, (select min(feature) from nunchi_data.features) as feature,
      (select currency || ' ' || amount::float from nunchi_data.revenue) as revenue, (select count(*)::int from nunchi_data.pages where page_path = '/tea') as pages`)
    const by = (kind: string) => counted.filter((row) => row['kind'] === kind)
    expect(by('conversion')).toMatchObject([{ name: seen?.['conversion'], events: 1 }])
    expect(by('feature')).toMatchObject([{ name: seen?.['feature'], events: 1 }])
    expect(by('revenue').map(({ name, amount }) => `${name} ${amount}`)).toEqual([seen?.['revenue']])
    expect(by('page').reduce((all, row) => all + (row['events'] as number), 0)).toBe(seen?.['pages'])
    const owner = await db.sql.unsafe(
      `select distinct nunchi.person_of(e.project_id, e.user_id, e.anonymous_id) as person from nunchi.analytics_events e`,
    )
    expect(owner.map(({ person }) => person)).toEqual(['user-42'])
  })

  it('follows aliases as processing does, through chains and round circles', async () => {
    const [{ id }] = (await db.sql.unsafe('select id from nunchi.projects')) as unknown as [{ id: string }]
    const links = [
      ['a', 'b'],
      ['b', 'c'],
      ['x', 'y'],
      ['y', 'z'],
      ['z', 'x'],
      ['w', 'x'],
      ['solo', 'solo2'],
      // Anybody can make up a long chain; it is followed for as many steps as everywhere.
      ...Array.from({ length: 40 }, (_, step) => [`n${100 + step}`, `n${101 + step}`]),
      // Nor does a way of any length into a circle of any size hold anything up.
      ...Array.from({ length: 40 }, (_, step) => [`t${100 + step}`, step < 39 ? `t${101 + step}` : 'z']),
      ...Array.from({ length: 32 }, (_, step) => [`c${100 + step}`, `c${100 + ((step + 1) % 32)}`]),
      ...Array.from({ length: 50 }, (_, step) => [`d${100 + step}`, `d${100 + ((step + 1) % 50)}`]),
    ]
    for (const [from, to] of links)
      await db.sql.unsafe(
        `insert into nunchi.aliases values ('${id}', '${from}', '${to}', now(), gen_random_uuid())`,
      )
    const ours = await sql.unsafe(
      'select previous_id, person_id as person from nunchi_data.aliases order by 1',
    )
    const theirs = await db.sql.unsafe(`select previous_id, person from nunchi.alias_map('${id}') order by 1`)
    expect([...ours]).toEqual([...theirs])
    expect(ours).toHaveLength(links.length + 1)
    const one = await db.sql.unsafe(
      `select previous_id, nunchi.person_of('${id}', previous_id, null) as person from nunchi.aliases order by 1`,
    )
    expect([...one]).toEqual([...theirs])
    const person = new Map(theirs.map((row) => [row['previous_id'], row['person']]))
    expect(['t100', 't108', 'w', 'c131'].map((id) => person.get(id))).toEqual(['t132', 'x', 'x', 'c100'])
  })

  it('counts each arrival once in the quality of its day', async () => {
    const [row] = await sql.unsafe(
      'select sum(events)::int as events, sum(late)::int as late from nunchi_data.quality',
    )
    expect(row).toEqual({ events: 12, late: 12 })
  })
})
