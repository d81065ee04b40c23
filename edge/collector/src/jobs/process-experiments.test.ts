/** Exposures and conversions as processing writes them, and whose a conversion is; on PGlite and on every Postgres. */

import type { ConfigDefinition, Event } from '@nunchi/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratedPglite } from '../../test/migrated-pglite.ts'
import { createDatabase, describePostgres } from '../../test/postgres.ts'
import { addSender, derived, drain, type Ground, recount } from '../../test/processing.ts'
import { someEvent } from '../../test/rig.ts'
import { ownerGateway } from '../manage/gateway.ts'
import { publishChange } from '../manage/publisher.ts'
import { pglite } from '../storage/pglite.ts'

const minute = 60_000
const start = Date.now() - 60 * minute

const definition: ConfigDefinition = {
  flags: {},
  experiments: {
    price: {
      name: 'Price first',
      hypothesis: 'Showing the price first sells more tea.',
      status: 'running',
      revision: 2,
      variants: [
        { key: 'control', weight: 500_000, isControl: true },
        { key: 'first', weight: 500_000 },
      ],
    },
  },
}

function suite(open: () => Promise<Ground & { close(): Promise<unknown> }>): void {
  let ground: Ground & { close(): Promise<unknown> }
  beforeAll(async () => {
    ground = await open()
  }, 60_000)
  afterAll(() => ground?.close())

  /** A project whose config has the experiment. */
  const shop = async () => {
    const sender = await addSender(ground)
    const whose = { projectId: sender.projectId, environment: 'production' }
    const { version } = await publishChange(ownerGateway(ground.owner, whose, 'test'), () => ({
      definition,
      reason: 'test',
      subject: 'config',
      before: null,
      after: null,
    }))
    return { ...sender, version }
  }
  const seen = (version: string, more: object = {}, event: object = {}): Event =>
    someEvent({
      name: 'Experiment Viewed',
      ts: start,
      ...event,
      properties: {
        experiment: 'price',
        variant: 'first',
        revision: 2,
        configVersion: version,
        attribute: 'anonymousId',
        unit: 'a1',
        ...more,
      },
    })
  const done = (after: number, event: object = {}, more: object = {}): Event =>
    someEvent({
      name: 'Conversion Tracked',
      ts: start + after * minute,
      properties: { metric: 'order', ...more },
      ...event,
    })
  const rows = async (projectId: string, text: string) =>
    (await ground.query(text.replaceAll('$p', `'${projectId}'`))).map((row) => Object.values(row).join(' '))
  const assignments = (projectId: string) =>
    rows(
      projectId,
      `select unit, variant, multiple::text from nunchi.experiment_assignments where project_id = $p order by unit collate "C"`,
    )
  const failures = (projectId: string) =>
    rows(
      projectId,
      `select name, sum(events)::text from nunchi.rollup_days where project_id = $p and kind = 'experiment_failure'
        group by name order by name collate "C"`,
    )
  const told = async (projectId: string, attributes = `'price', 2`) =>
    rows(
      projectId,
      `select metric, unit, variant, multiple::text from nunchi.conversions_of($p, 'production', ${attributes})
        order by occurred_at, event_id`,
    )
  const right = (projectId: string) =>
    expect(recount(ground, { projectId })).resolves.toMatchObject({ differences: 0, rows: [], waiting: 0 })

  it('an exposure that the config does not know is counted as a failure, by its fault, and assigns nobody', async () => {
    const { projectId, send, version } = await shop()
    await send([
      seen(version, { experiment: 'colour' }),
      seen(version, { variant: 'third' }),
      seen(version, { revision: 1 }),
      seen('another'),
      seen(version, { unit: '' }),
      seen(version, { unit: 'x'.repeat(257) }),
      seen(version, { unit: 7 }),
      seen(version, { revision: '2' }),
      seen(version, { revision: 99_999_999_999 }),
      seen(version, { rule: { a: 1 } }),
      someEvent({ name: 'Experiment Viewed', properties: undefined }),
      done(0, {}, { metric: '' }),
      done(0, {}, { value: 'much' }),
      done(0, {}, { value: 1e300 }),
      done(0, {}, { step: 3 }),
      done(0, {}, { value: ['much', 3] }),
      done(0, {}, { metric: ['order'] }),
      seen(version, { rule: ['a'] }),
    ])
    await drain(ground)
    expect(await assignments(projectId)).toEqual([])
    expect(await failures(projectId)).toEqual([
      'malformed_conversion 6',
      'malformed_exposure 8',
      'unknown_config:price 1',
      'unknown_experiment:colour 1',
      'unknown_revision:price 1',
      'unknown_variant:price 1',
    ])
    await right(projectId)
  })

  it('what claims the last day that a time can have is no difference for ever', async () => {
    const { projectId, send, version } = await shop()
    const ts = 253_402_300_799_999
    await send([
      seen(version, {}, { ts }),
      someEvent({ name: 'Conversion Tracked', ts, properties: { metric: 'order' } }),
    ])
    await drain(ground)
    await right(projectId)
  })

  it('an overridden exposure, one of a bot and one of an internal key count nowhere', async () => {
    const { projectId, send, version } = await shop()
    await send([seen(version, { overridden: true })])
    await send([seen(version), done(1)], { context: { bot: true } })
    await drain(ground)
    expect([await assignments(projectId), await failures(projectId)]).toEqual([[], []])
    expect(await derived(ground, projectId)).toMatchObject({ experiment_conversions: [] })
    await right(projectId)
  })

  it('a unit is assigned by its first exposure, and marked where it saw another variant', async () => {
    const { projectId, send, version } = await shop()
    const at = (after: number) => ({ ts: start + after * minute })
    await send([
      seen(version, { variant: 'control' }, at(5)),
      seen(version, { unit: 'a2', rule: 'beta' }, at(1)),
    ])
    await drain(ground)
    expect(await assignments(projectId)).toEqual(['a1 control false', 'a2 first false'])
    await send([seen(version, {}, at(3)), seen(version, { unit: 'a2' }, at(2))])
    await drain(ground)
    expect(await assignments(projectId)).toEqual(['a1 first true', 'a2 first false'])
    const [one] = await rows(
      projectId,
      `select rule, attribute, config_version, anonymous_id from nunchi.experiment_assignments where unit = 'a2' and project_id = $p`,
    )
    expect(one).toBe(`beta anonymousId ${version} a1`)
    await right(projectId)
  })

  it('comes to the same in any order and any pieces', async () => {
    const few = (...names: string[]) => fc.constantFrom(...names)
    const event = fc
      .record({
        kind: few('seen', 'done'),
        after: fc.integer({ min: 0, max: 3 }),
        variant: few('control', 'first', 'third'),
        unit: few('a1', 'a2'),
        anonymousId: few('a1', 'a2'),
        userId: fc.option(few('u1', 'u2'), { nil: undefined }),
        step: fc.option(few('cart', ''), { nil: undefined }),
      })
      .map(({ kind, after, variant, unit, anonymousId, userId, step }) => {
        const whose = { anonymousId, userId, ts: start + after * minute }
        return (version: string) =>
          kind === 'done'
            ? done(after, whose, { step, value: after })
            : seen(version, { variant, unit }, whose)
      })
    const stories = fc.array(event, { minLength: 1, maxLength: 14 }).chain((makers) =>
      fc.record({
        makers: fc.constant(makers),
        order: fc.shuffledSubarray(
          makers.map((_, i) => i),
          { minLength: makers.length },
        ),
        size: fc.integer({ min: 1, max: 5 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(stories, async ({ makers, order, size }) => {
        const [one, two] = [await shop(), await shop()]
        const events = makers.map((make) => make(one.version))
        await one.send(events)
        await drain(ground)
        for (let i = 0; i < order.length; i += size)
          await two.send(order.slice(i, i + size).map((n) => events[n]!))
        await drain(ground, 1)
        expect(await derived(ground, two.projectId)).toEqual(await derived(ground, one.projectId))
        await right(two.projectId)
      }),
      { numRuns: 8 },
    )
  }, 60_000)

  it('a tampered row is found and repaired', async () => {
    const { projectId, send, version } = await shop()
    await send([seen(version), seen(version, { unit: 'a2' }), seen(version, { variant: 'third' }), done(1)])
    await drain(ground)
    const before = await derived(ground, projectId)
    for (const text of [
      `update nunchi.experiment_assignments set variant = 'control' where unit = 'a1'`,
      `update nunchi.experiment_assignments set multiple = true where unit = 'a2'`,
      `update nunchi.experiment_conversions set value = 3 where true`,
      `update nunchi.rollup_days set events = 9 where kind = 'experiment_failure'`,
    ])
      await ground.query(`${text} and project_id = '${projectId}'`)
    const found = await recount(ground, { projectId, repair: true })
    expect(found.rows.map(({ area }) => area)).toEqual([
      'experiment_assignments',
      'experiment_assignments',
      'experiment_conversions',
      'rollup_days',
    ])
    await right(projectId)
    expect(await derived(ground, projectId)).toEqual(before)
  })

  describe('a conversion', () => {
    it('before the exposure, of another unit or of nobody who saw it does not count', async () => {
      const { projectId, send, version } = await shop()
      await send([
        seen(version, {}, { ts: start + 5 * minute }),
        done(4),
        done(6, { anonymousId: 'a2' }),
        // Signed in as the same person, on a device that has a value of its own.
        done(6, { anonymousId: 'a3', userId: 'u1' }),
        someEvent({ type: 'identify', userId: 'u1', ts: start }),
      ])
      await drain(ground)
      expect(await told(projectId)).toEqual([])
    })

    it('counts for the unit whose value the event carries', async () => {
      const { projectId, send, version } = await shop()
      await send([
        seen(version),
        seen(
          version,
          { attribute: 'userId', unit: 'u2', variant: 'control' },
          { anonymousId: 'a9', userId: 'u2' },
        ),
        done(1),
        done(2, { anonymousId: 'a8', userId: 'u2' }, { metric: 'visit', value: 4 }),
      ])
      await drain(ground)
      expect(await told(projectId)).toEqual(['order a1 first false', 'visit u2 control false'])
      expect(await told(projectId, `'price', 1`), 'of another revision').toEqual([])
    })

    it("without the unit's value counts for the person's first-exposed unit, through all links and aliases", async () => {
      const { projectId, send, version } = await shop()
      await send([
        seen(version, { variant: 'control' }, { ts: start + minute }),
        seen(version, { unit: 'a2' }, { anonymousId: 'a2' }),
        // A server's event names no visitor.
        done(2, { anonymousId: undefined, userId: 'u1', sessionId: undefined }),
        done(3, { anonymousId: undefined, userId: 'old', sessionId: undefined }, { metric: 'renewal' }),
        done(3, { anonymousId: undefined, userId: 'u7', sessionId: undefined }, { metric: 'stranger' }),
      ])
      await drain(ground)
      expect(await told(projectId)).toEqual([])
      await send([
        someEvent({ type: 'identify', anonymousId: 'a1', userId: 'u1', ts: start }),
        someEvent({ type: 'identify', anonymousId: 'a2', userId: 'u1', ts: start }),
        someEvent({ type: 'alias', userId: 'u1', previousId: 'old', ts: start }),
      ])
      await drain(ground)
      expect(await told(projectId)).toEqual(['order a2 first false', 'renewal a2 first false'])
    })

    it('goes with its unit when that is bucketed by something of the page, through the person', async () => {
      const { projectId, send, version } = await shop()
      await send([
        seen(version, { attribute: 'company', unit: 'acme' }, { userId: 'u1' }),
        done(1, { userId: 'u1' }),
      ])
      await drain(ground)
      expect(await told(projectId)).toEqual(['order acme first false'])
    })
  })

  it('erasing a person takes exposures and conversions along, and the unit out of what others told', async () => {
    const { projectId, send, version } = await shop()
    await send([
      someEvent({ type: 'identify', anonymousId: 'a1', userId: 'u1', ts: start }),
      seen(version),
      done(1),
      seen(version, { unit: 'a1' }, { userId: 'u2', ts: start + minute }),
      seen(version, { unit: 'a2' }, { anonymousId: 'a2', userId: 'u2' }),
    ])
    await drain(ground)
    for (let phase = ''; phase !== 'done'; ) {
      const answer = await ground.owner.call<{ done?: boolean; more?: boolean }>('erase_person', {
        projectId,
        id: 'u1',
      })
      phase = answer.done === true || answer.more === false ? 'done' : ''
    }
    expect(await assignments(projectId)).toEqual(['a2 first false'])
    const left = await rows(
      projectId,
      `select count(*)::text from nunchi.analytics_events e where project_id = $p and to_jsonb(e)::text like '%"a1"%'`,
    )
    expect(left).toEqual(['0'])
  })
}

describe('experiments in processing, on PGlite', () => {
  suite(async () => {
    const db = await migratedPglite()
    return {
      app: pglite(db),
      owner: pglite(db, { role: 'nunchi_owner' }),
      query: async (text) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[],
      close: () => db.close(),
    }
  })
})

describePostgres('experiments in processing', (server) => {
  suite(async () => {
    const { app, owner, sql, drop } = await createDatabase(server)
    return { app, owner, query: async (text) => [...(await sql.unsafe(text))], close: drop }
  })
})
