/** What the overview says of a period and of the one before, held to usage(), which answers day by day. */
import { expect, it } from 'vitest'
import { createDatabase, describePostgres } from '../../test/postgres.ts'
import { addSender, drain } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { someEvent } from '../../test/rig.ts'
import type { Overview } from '../overview/overview.ts'

/** Whole days, so far from the periods' ends that a midnight in the middle of a test changes nothing. */
const daysAgo = (days: number) => Date.now() - days * 86_400_000

describeGrounds('the overview’s figures', (ground) => {
  /** A project, and what is shown of it to whoever has signed in. */
  const shop = async (timezone: string) => {
    const sender = await addSender(ground, { timezone })
    const on = (days: number, ...events: object[]) =>
      sender.send(
        events.map((more) => someEvent({ ts: daysAgo(days), ...more })),
        { receivedAt: daysAgo(days) },
      )
    const token = sender.keyHash
    await ground.query(`insert into nunchi.overview_sessions select '${token}', '${sender.projectId}', k.id,
      now() + interval '1 hour' from nunchi.api_keys k where k.hash = '${sender.keyHash}'`)
    const shown = (days: number) => ground.app.call<Overview>('overview', { tokenHash: token, days })
    return { ...sender, on, token, shown }
  }

  it('count a person once in each period, by links and aliases that came later', async () => {
    const { on, shown } = await shop('UTC')
    await on(20, { anonymousId: 'long-ago' })
    await on(11, { anonymousId: 'phone' }, { anonymousId: 'laptop' })
    await on(9, { anonymousId: 'phone' }, { anonymousId: 'stranger' })
    await on(4, { anonymousId: 'phone', userId: 'ann' }, { anonymousId: 'other', userId: 'annie' })
    await on(2, { anonymousId: 'laptop', userId: 'ann' }, { anonymousId: 'new' })
    await drain(ground)
    const people = async () => {
      const { totals, before } = await shown(7)
      return [totals.people, before.people]
    }
    // ann, annie and the new one; before them ann with both devices, and the stranger.
    expect(await people()).toEqual([3, 2])
    await on(2, { type: 'alias', anonymousId: 'other', userId: 'ann', previousId: 'annie' })
    await drain(ground)
    expect(await people()).toEqual([2, 2])
    // Who is no user, but goes on as one.
    await on(2, { type: 'alias', anonymousId: 'new', userId: 'ann', previousId: 'stranger' })
    await drain(ground)
    expect(await people()).toEqual([1, 1])
  })

  it.each(['UTC', 'Asia/Seoul', 'America/New_York'])(
    'are those of usage() and breakdown() in %s',
    async (zone) => {
      const { on, token, projectId } = await shop(zone)
      const order = (revenue: number, currency: string) => ({
        name: 'Order Completed',
        sessionId: currency,
        properties: { revenue, currency },
      })
      for (const [i, days] of [1.2, 2.7, 4.1, 6.9, 8.3, 9.6, 12.8, 15].entries())
        await on(
          days,
          { type: 'page', name: '/tea', anonymousId: `a${i % 3}`, sessionId: `s${i}` },
          { type: 'page', name: `/tea/${i % 4}`, anonymousId: `a${i}`, sessionId: `s${i}` },
          order(10 + i, ['USD', 'KRW', 'EUR', 'JPY'][i % 4] ?? ''),
        )
      await on(0.01, { anonymousId: 'now' })
      await drain(ground)
      // One statement has one now(), so that both mean the same days.
      const [row] = await ground.query(`
      with span as (
        select p.id, (d - 6)::timestamp at time zone p.timezone as since, (d - 13)::timestamp at time zone p.timezone
          as earlier, now() + interval '1 second' as until
        from nunchi.projects p, lateral (select (now() at time zone p.timezone)::date as d) t where p.id = '${projectId}'
      )
      select nunchi.overview('{"tokenHash": "${token}", "days": 7}') as shown,
        nunchi.usage_of(s.id, 'production', s.since, s.until, 'day') as present,
        nunchi.usage_of(s.id, 'production', s.earlier, s.since, 'day') as before,
        nunchi.usage_of(s.id, 'production', date_trunc('minute', now()) - interval '59 minutes',
          date_trunc('minute', now()) + interval '1 minute', 'minute') as hour,
        nunchi.breakdown_of(s.id, 'production', s.since, s.until, 'page', 10) as pages
      from span s`)
      interface Usage {
        people: number
        buckets: Record<'sessions' | 'pages' | 'events' | 'conversions', number>[]
      }
      const { shown, present, before, hour, pages } = row as unknown as {
        shown: Overview
        present: Usage
        before: Usage
        hour: Usage
        pages: { rows: { name: string; events: number }[] }
      }
      const sums = ({ people, buckets }: Usage) => {
        const sum = (key: keyof Usage['buckets'][0]) => buckets.reduce((all, one) => all + one[key], 0)
        return {
          people,
          sessions: sum('sessions'),
          pages: sum('pages'),
          events: sum('events'),
          conversions: sum('conversions'),
        }
      }
      expect(shown.totals).toEqual(sums(present))
      expect(shown.before).toEqual(sums(before))
      expect(shown.totals.events).toBeGreaterThan(shown.before.events / 2)
      expect(shown.minutes).toEqual(hour.buckets.map(({ events }) => events))
      expect(shown.minutes).toHaveLength(60)
      expect(shown.minutes.reduce((all, one) => all + one)).toBe(1)
      expect(shown.pages).toEqual(pages.rows.map(({ name, events }) => ({ name, events })))
      expect(shown.pages[0]?.name).toBe('/tea')
      expect(shown.revenue.map(({ amount }) => amount)).toEqual(
        shown.revenue.map(({ amount }) => amount).toSorted((a, b) => b - a),
      )
      expect(shown.revenue).toHaveLength(3)
    },
  )

  it('are zeros and empty lists of a project that has heard nothing', async () => {
    const { shown } = await shop('UTC')
    const none = { people: 0, sessions: 0, pages: 0, events: 0, conversions: 0 }
    expect(await shown(30)).toMatchObject({
      totals: none,
      before: none,
      visitorsNow: 0,
      minutes: Array(60).fill(0),
      revenue: [],
      pages: [],
      sources: [],
      countries: [],
      devices: [],
    })
  })
})

describePostgres('the overview of a small project beside a large one', (server) => {
  it('security 47: reads the small one by its key, and no event at all', async () => {
    const { app, owner, sql, drop } = await createDatabase(server)
    const ground = { app, owner, query: async (text: string) => [...(await sql.unsafe(text))] }
    const [large, small] = [await addSender(ground), await addSender(ground)]
    await small.send([someEvent({ type: 'page', anonymousId: 'a', userId: 'u', sessionId: 's' })])
    await drain(ground)
    const whose = `'${large.projectId}', 'production'`
    await sql.unsafe(`
      insert into nunchi.daily_visitors select ${whose}, current_date - n % 60, 'a' || n, '' from generate_series(1, 5000) n;
      insert into nunchi.minute_visitors
        select ${whose}, now() - n % 60 * interval '1 minute', 'a' || n, '' from generate_series(1, 5000) n;
      insert into nunchi.identities
        select '${large.projectId}', 'a' || n, 'u' || n, now(), gen_random_uuid() from generate_series(1, 5000) n;
      insert into nunchi.sessions (project_id, environment, session_id, started_at, ended_at, events, pages, conversions)
        select ${whose}, 's' || n, now() - n * interval '1 minute', now(), 1, 1, 0 from generate_series(1, 5000) n;
      insert into nunchi.rollup_days
        select ${whose}, current_date - n % 60, 'page', '/' || n, 0, 1, 0 from generate_series(1, 5000) n;
      insert into nunchi.rollup_minutes
        select ${whose}, date_trunc('minute', now()) - n * interval '1 minute', 'total', '', 0, 1, 0
        from generate_series(1, 5000) n;
      insert into nunchi.overview_sessions select '${small.keyHash}', '${small.projectId}', k.id, now() + interval '1 hour'
        from nunchi.api_keys k where k.hash = '${small.keyHash}';
      analyze`)
    const read = await sql.begin(async (tx) => {
      const counts = async () =>
        new Map(
          (
            await tx`select relname, seq_tup_read::int + coalesce(idx_tup_fetch, 0)::int as rows
              from pg_stat_xact_user_tables where schemaname = 'nunchi' and (seq_scan > 0 or idx_scan > 0)`
          ).map(({ relname, rows }) => [String(relname), Number(rows)]),
        )
      // What a connection did just before may still stand among what its transaction did.
      const before = await counts()
      const [row] = await tx.unsafe(
        `select nunchi.overview('{"tokenHash": "${small.keyHash}", "days": 30}') as shown`,
      )
      expect(row?.['shown']).toMatchObject({ totals: { people: 1 } })
      return [...(await counts())]
        .map(([name, rows]) => ({ name, rows: rows - (before.get(name) ?? 0), first: !before.has(name) }))
        .filter(({ rows, first }) => rows > 0 || first)
    })
    const names = read.map(({ name }) => name)
    expect(names).toContain('daily_visitors')
    expect(names.filter((name) => name.startsWith('analytics_events'))).toEqual([])
    // Of any table of the large project as much as a scan would read.
    expect(read.filter(({ rows }) => rows >= 1_000)).toEqual([])
    await drop()
  })
})
