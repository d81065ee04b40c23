/** Processing: what events come to, on PGlite and on every Postgres; failure first. */
import { describe, expect, it } from 'vitest'
import { addSender, derived, drain, recount } from '../../test/processing.ts'
import { at, describeGrounds } from '../../test/processing-grounds.ts'
import { newId, someEvent } from '../../test/rig.ts'

const day = 86_400_000

/** An event at a time, sent in the same moment. */
const event = (time: string, more: object = {}) => someEvent({ ts: at(time), ...more })

describeGrounds('processing', (ground, rows) => {
  const counts = (projectId: string, kind: string) =>
    rows(
      projectId,
      `select name, sum(events), trim_scale(sum(amount)) from nunchi.rollup_days
        where project_id = $p and kind = '${kind}' group by name order by name collate "C"`,
    )

  describe('an event that cannot be processed', () => {
    const poison = (on: boolean) =>
      ground.query(
        on
          ? `create function public.poison() returns trigger language plpgsql as $$ begin
              if new.name = 'Poison' then raise exception 'this one is bad' using errcode = '22P02'; end if;
              return new; end $$;
             create trigger poison before insert on nunchi.rollup_days for each row execute function public.poison()`
          : 'drop trigger poison on nunchi.rollup_days; drop function public.poison()',
      )
    const due = () =>
      ground.query(
        `update nunchi.event_processing_queue set run_after = now() where processing_status = 'pending'`,
      )
    const dead = () =>
      ground.owner.call<{ id: string; error: string; retries: number; events: object[] }[]>('list_dead', {})

    it('is dead by itself after eight tries, with its reason; all others count, and it can be replayed', async () => {
      const { projectId, send } = await addSender(ground)
      const bad = someEvent({ name: 'Poison' })
      await poison(true)
      for (let i = 0; i < 3; i++) await send([someEvent(), someEvent()])
      await send([...Array.from({ length: 20 }, () => someEvent()), bad, someEvent()])
      await send([someEvent()])
      for (let attempt = 1; attempt <= 8; attempt++) {
        await due()
        await drain(ground)
        expect(await dead(), `after ${attempt} tries`).toHaveLength(attempt < 8 ? 0 : 1)
        expect((await counts(projectId, 'total'))[0]).toMatch(/^ 28 /)
      }
      expect(await dead()).toMatchObject([
        { error: 'this one is bad (22P02)', retries: 8, events: [{ id: bad.id, name: 'Poison' }] },
      ])
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, waiting: 1, events: 28 })

      await poison(false)
      expect(await ground.owner.call('replay_dead', {})).toEqual({ replayed: 1 })
      await drain(ground)
      expect(await dead()).toEqual([])
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, waiting: 0, events: 29 })
    })

    it('waits longer after each failure, and nobody asks for it before', async () => {
      const { send } = await addSender(ground)
      await poison(true)
      await send([someEvent({ name: 'Poison' })])
      await drain(ground)
      const pause = async () =>
        Number(
          (
            await ground.query(
              `select round(extract(epoch from run_after - clock_timestamp())) as s from nunchi.event_processing_queue
                where processing_status = 'pending'`,
            )
          )[0]?.['s'],
        )
      expect(await pause()).toBeLessThanOrEqual(5)
      expect(await ground.app.call('process', {})).toMatchObject({ rows: 0, failed: 0, more: false })
      await due()
      await drain(ground)
      expect(await pause()).toBeGreaterThan(5)
      await poison(false)
      await due()
      await drain(ground)
      expect(await ground.app.call('queue_state', {})).toMatchObject({ waiting: 0, dead: 0 })
    })

    it('is not to blame for a missing table: the call fails, and no row is counted a failure', async () => {
      const { projectId, send } = await addSender(ground)
      await send([someEvent()])
      await ground.query('alter table nunchi.traits rename to traits_gone')
      await expect(ground.app.call('process', {})).rejects.toMatchObject({ code: '42P01' })
      await ground.query('alter table nunchi.traits_gone rename to traits')
      expect(
        await ground.query(
          `select retry_count from nunchi.event_processing_queue where processing_status = 'pending'`,
        ),
      ).toEqual([{ retry_count: 0 }])
      await drain(ground)
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, events: 1 })
    })
  })

  describe('events that carry much', () => {
    const person = (n: number) =>
      someEvent({
        type: 'identify',
        name: 'identify',
        userId: `u${n}`,
        properties: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`t${i}`, n])),
      })

    it('are taken fewer at a time, so that no call runs into its time limit and is tried for ever', async () => {
      const { projectId, send } = await addSender(ground)
      for (let n = 0; n < 4; n++) await send([person(n)])
      expect(await ground.app.call('process', { events: 40 })).toMatchObject({
        rows: 2,
        events: 2,
        failed: 0,
        more: true,
        next: 2,
      })
      await drain(ground)
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, waiting: 0, events: 4 })
    })

    it('are parted where they came together, and an event that is too much by itself goes alone', async () => {
      const { projectId, send } = await addSender(ground)
      await send([person(0), person(1), person(2), person(3), person(4)])
      expect(await ground.app.call('process', { events: 10 })).toMatchObject({
        rows: 1,
        events: 1,
        failed: 0,
        dead: 0,
      })
      await drain(ground)
      expect(await ground.app.call('queue_state', {})).toMatchObject({ waiting: 0, dead: 0 })
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, waiting: 0, events: 5 })
    })
  })

  describe('counts', () => {
    it('each event once, however often it is asked for', async () => {
      const { projectId, send } = await addSender(ground)
      const events = [someEvent(), someEvent()]
      await send(events)
      await send(events)
      await Promise.all([1, 2, 3].map(() => drain(ground)))
      expect(await counts(projectId, 'total')).toEqual([' 2 0'])
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, events: 2 })
    })

    it('leave out programs, one’s own people, and what verify writes', async () => {
      const { projectId, send } = await addSender(ground)
      const own = await addSender(ground, { internal: true })
      await send([someEvent()], { context: { bot: true } })
      await send([someEvent({ name: 'nunchi verify', sdk: 'nunchi-cli' })])
      await own.send([someEvent()])
      await drain(ground)
      for (const id of [projectId, own.projectId]) {
        const { identities, traits, aliases, ...figures } = await derived(ground, id)
        expect(Object.values(figures).flat()).toEqual([])
      }
    })

    it('know reserved names, and what a property makes of any other', async () => {
      const { projectId, send } = await addSender(ground)
      const track = (name: string, properties: object, type = 'track') =>
        someEvent({ type, name, properties })
      await send([
        track('Order Completed', { revenue: 12.5 }),
        track('Order Completed', { revenue: ' 0.10 ', currency: 'eur', conversion: 'Upsell' }),
        track('Order Completed', { revenue: 'a lot', conversion: false }),
        // What some databases take for a space or a digit, and none for a number.
        track('Booked', { revenue: '\u20035' }),
        track('Booked', { revenue: '٣' }),
        track('Booked', { revenue: '1e3', conversion: true, currency: 'dollars' }),
        track('Booked', { revenue: -2.5, currency: 'dollars' }),
        track('Signed Up', { conversion: '' }),
        track('Order Completed', { revenue: 5 }, 'page'),
        track('prompt_usage', {}),
        track('prompt_usage', { feature: 'summary' }),
        track('Anything', { feature: 'summary' }),
        track('Anything', { feature: 7 }),
        track('Web Vital', { metric: 'LCP', value: 2400 }),
        track('Web Vital', { metric: 'CLS', value: 0.1 }),
        track('Web Vital', { metric: 'Mine', value: 1 }),
        track('Web Vital', { metric: 'LCP', value: 'slow' }),
        track('Web Vital', { metric: 'LCP', value: [100, 200] }),
      ])
      await drain(ground)
      expect(await counts(projectId, 'conversion')).toEqual([
        'Booked 1 0',
        'Order Completed 1 0',
        'Upsell 1 0',
      ])
      expect(await counts(projectId, 'revenue')).toEqual(['EUR 1 0.1', 'USD 1 12.5', 'XXX 1 -2.5'])
      expect(await counts(projectId, 'feature')).toEqual(['prompt_usage 1 0', 'summary 2 0'])
      expect(await counts(projectId, 'vital')).toEqual(['CLS:54 1 0.1', 'LCP:90 1 2400'])
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, waiting: 0 })
    })

    it('tell pages by path, and arrivals by where they came from', async () => {
      const { projectId, send } = await addSender(ground)
      const page = (url: string | undefined, referrer?: string, properties: object = {}) =>
        someEvent({ type: 'page', name: '/named', page: url ? { url, referrer } : undefined, properties })
      await send([
        page('https://www.shop.example/tea?utm_source=x#top', 'https://www.Google.com/search?q=tea'),
        page('https://shop.example', undefined, { campaign: { source: 'news', name: 'spring' } }),
        page('https://shop.example/tea', 'https://shop.example/'),
        page('https://shop.example/cup', 'https://google.com/', { previousUrl: 'https://shop.example/tea' }),
        page('https://shop.example:8443/a b', 'android-app://com.slack/'),
        page('/only/a/path?x'),
        page(undefined),
        page('https://shop.example/x', 'not an address', { campaign: 'nonsense', previousUrl: 7 }),
      ])
      await drain(ground)
      expect(await counts(projectId, 'page')).toEqual([
        '/ 1 0',
        '/a b 1 0',
        '/cup 1 0',
        '/named 1 0',
        '/only/a/path 1 0',
        '/tea 2 0',
        '/x 1 0',
      ])
      expect(await counts(projectId, 'source')).toEqual([
        'com.slack 1 0',
        'direct 1 0',
        'google.com 1 0',
        'news 1 0',
      ])
      expect(await counts(projectId, 'campaign')).toEqual(['spring 1 0'])
      expect(await recount(ground, { projectId })).toMatchObject({ differences: 0 })
    })

    it.each([
      ['Asia/Seoul', '2026-11-22T14:59:59Z', '2026-11-22', '2026-11-22T15:00:00Z', '2026-11-23'],
      // New York sets its clocks back on 1 November 2026: that day has 25 hours.
      ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01', '2026-11-02T04:59:59Z', '2026-11-01'],
      ['America/New_York', '2026-11-02T04:59:59Z', '2026-11-01', '2026-11-02T05:00:00Z', '2026-11-02'],
    ])(
      'put an event into the day of %s that its time falls on',
      async (timezone, one, oneDay, two, twoDay) => {
        const { projectId, send } = await addSender(ground, { timezone })
        await send([event(one)], { receivedAt: at(one) })
        await send([event(two)], { receivedAt: at(two) })
        await drain(ground)
        const days = [oneDay, twoDay].map((text) => `${text} ${oneDay === twoDay ? 2 : 1}`)
        expect(
          await rows(
            projectId,
            `select day::text, sum(events) from nunchi.rollup_days where project_id = $p and kind = 'total' group by 1 order by 1`,
          ),
        ).toEqual([...new Set(days)])
        expect(await recount(ground, { projectId, from: oneDay, to: twoDay })).toMatchObject({
          differences: 0,
          events: 2,
        })
      },
    )

    it('put a late event where it belongs, also one that waits outside of the months', async () => {
      const { projectId, send } = await addSender(ground)
      const late = Date.now() - 20 * day
      await send([someEvent({ ts: late })])
      // A phone whose clock is three years behind: its ids lie in the default partition, its skew is known.
      const behind = Date.now() - 1095 * day
      const id = `${behind
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-7000-8000-000000000001`
      const sent = { batch: newId(), keyHash: '', receivedAt: Date.now(), sentAt: behind, context: {} }
      const other = await addSender(ground)
      await ground.app.call('ingest', {
        batches: [
          {
            ...sent,
            keyHash: other.keyHash,
            dropped: {},
            rejects: [],
            events: [someEvent({ id, ts: behind })],
          },
        ],
      })
      await drain(ground)
      const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
      const total = `select day::text from nunchi.rollup_days where project_id = $p and kind = 'total'`
      expect(await rows(projectId, total)).toEqual([dayOf(late)])
      expect(await rows(other.projectId, total)).toEqual([dayOf(Date.now())])
      for (const one of [projectId, other.projectId])
        expect(await recount(ground, { projectId: one })).toMatchObject({ differences: 0, events: 1 })
    })
  })

  it('prunes queue rows that are done and minutes that are old, and recount knows', async () => {
    const { projectId, send } = await addSender(ground)
    await send([someEvent({ ts: Date.now() - 9 * day }), someEvent()])
    await drain(ground)
    await ground.query(`update nunchi.event_processing_queue set processed_at = now() - interval '25 hours'
      where processing_status = 'done'`)
    const pruned = await ground.app.call<{ queue: number; minutes: number }>('prune', {})
    expect(pruned.queue).toBeGreaterThan(0)
    expect(pruned.minutes).toBeGreaterThan(0)
    expect(
      await rows(projectId, `select count(*) from nunchi.minute_visitors where project_id = $p`),
    ).toEqual(['1'])
    expect(
      await ground.query('select processing_status, retry_count, error from nunchi.event_processing_queue'),
    ).toEqual([])
    expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, events: 2 })
  })
})
