/** Ramps from the first step to the last on PGlite and on every Postgres: real evaluator, ingest, processing and job. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratedPglite } from '../../test/migrated-pglite.ts'
import { createDatabase, describePostgres } from '../../test/postgres.ts'
import type { Ground } from '../../test/processing.ts'
import { quiet, type RampWorld, rampWorld } from '../../test/ramp-world.ts'
import { pauseExperiment } from '../manage/experiments.ts'
import { switchFlags } from '../manage/flags.ts'
import { publishChange } from '../manage/publisher.ts'
import { moveRamp, rampOf, startRamp } from '../ramps/manage-ramp.ts'
import type { RampChange } from '../ramps/run-ramp.ts'
import type { MetricDefinition } from '../results/metric.ts'
import { metricPlan } from '../results/metric-plan.ts'
import { pglite } from '../storage/pglite.ts'
import type { Storage } from '../storage/storage.ts'
import { runRamps } from './ramp.ts'

const plan = {
  steps: [100_000, 500_000, 1_000_000].map((share) => ({ share, leastHours: 0, leastUnits: 400 })),
  guardrails: [{ metric: 'orders' }],
}

/** A collector that is killed at a call: before it, or after its commit and before its answer. */
function killedAt(storage: Storage, fn: string, when: 'before' | 'after'): Storage {
  return {
    ...storage,
    async call(name, args, options) {
      if (name === fn && when === 'before') throw new Error('killed')
      const answer = await storage.call(name, args, options)
      if (name === fn) throw new Error('killed')
      return answer as never
    },
  }
}

function suite(open: () => Promise<Ground & { close(): Promise<unknown> }>): void {
  let ground: Awaited<ReturnType<typeof open>>
  let world: RampWorld
  let changes: RampChange[]
  const turn = (storage: Storage = ground.app) =>
    runRamps(storage, quiet, { restMs: 0, onRamp: (change) => changes.push(change) })
  const begin = async (more: object = {}) => {
    world = await rampWorld(ground)
    changes = []
    return startRamp(world.ramps, 'flag', 'checkout', { ...plan, ...more })
  }
  const ramp = () => rampOf(world.ramps, 'flag', 'checkout')

  beforeAll(async () => {
    ground = await open()
  }, 60_000)
  afterAll(() => ground?.close())

  it('advances step by step while the guardrail holds, through every way to be killed, and moves nobody out', async () => {
    expect(await begin()).toMatchObject({ state: 'running', step: 0, revision: 1, looks: [] })
    await turn()
    expect(await ramp()).toMatchObject({ reason: { code: 'no-exposures' }, looks: [] })

    const first = await world.visit(200, { on: 5, off: 5 })
    expect(await turn()).toBe(true)
    expect(await ramp()).toMatchObject({
      step: 0,
      reason: { code: 'holds' },
      looks: [{ progress: 0.25, decision: 'hold' }],
    })
    // Killed in the middle of the step: nothing but what the database holds is needed to go on.
    await world.visit(200, { on: 5, off: 5 })
    expect(await turn(killedAt(ground.app, 'ramp_summary', 'after'))).toBe(false)
    expect(await turn(killedAt(ground.app, 'decide_ramp', 'before'))).toBe(false)
    expect(await ramp()).toMatchObject({ step: 0, turn: 3 })
    // Killed after the commit: the step is not taken twice, nor by two collectors at once.
    expect(await turn(killedAt(ground.app, 'decide_ramp', 'after'))).toBe(false)
    await Promise.all([turn(), turn()])
    expect(await ramp()).toMatchObject({ step: 1, state: 'running', steps: [{ step: 0 }, { step: 1 }] })

    const second = await world.visit(400, { on: 5, off: 5 })
    await Promise.all([turn(), turn()])
    expect(await ramp()).toMatchObject({ state: 'done', step: 2, reason: { code: 'done' } })
    expect(changes.map(({ does, step }) => [does, step])).toEqual([['finish', 2]])

    const flag = await world.reader()
    const had = [...first, ...second].filter(([, before]) => before.value === true)
    expect(had.length).toBeGreaterThan(200)
    expect(had.every(([unit]) => flag(unit).value === true)).toBe(true)
    expect(flag('a stranger')).toMatchObject({ value: true, reason: 'experiment' })
    expect((await world.config()).experiments['checkout-ramp']!.revision).toBe(1)
    const { id } = await ramp()
    const rows = (await world.audit()).filter(({ action }) => action.startsWith('ramp.'))
    expect(rows.map(({ action, actor }) => [action, actor])).toEqual([
      ['ramp.start', 'test'],
      ['ramp.advance', `ramp:${id}`],
      ['ramp.finish', `ramp:${id}`],
    ])
    expect(rows[1]!.after).toMatchObject({
      share: 500_000,
      decision: {
        look: {
          tests: [{ metric: 'orders', variant: 'on', hurt: false, meanControl: expect.closeTo(0.2, 1) }],
        },
      },
    })
  }, 60_000)

  it('rolls back by itself before everybody has it, and tells why with its figures', async () => {
    const { id } = await begin()
    const visitors = await world.visit(400, { on: 100, off: 3 })
    await turn()
    expect(await ramp()).toMatchObject({ state: 'rolled_back', step: 0, reason: { code: 'hurt' } })
    expect(changes).toMatchObject([
      { does: 'roll back', share: 0, look: { tests: [{ metric: 'orders', hurt: true }] } },
    ])
    const flag = await world.reader()
    expect([...visitors.keys()].some((unit) => flag(unit).value)).toBe(false)
    expect(flag('at home', { country: 'KR' }).value).toBe(true)
    expect((await world.audit()).at(-1)).toMatchObject({ action: 'ramp.rollback', actor: `ramp:${id}` })

    // What was mended begins anew: a new revision, of which nobody was counted before.
    expect(await startRamp(world.ramps, 'flag', 'checkout', plan)).toMatchObject({ revision: 2, step: 0 })
    await turn()
    expect(await ramp()).toMatchObject({ reason: { code: 'no-exposures' } })
  }, 30_000)

  it('pauses where the arms hold other shares than planned, and goes on only when somebody says so', async () => {
    await begin()
    await world.visit(100, { on: 5, off: 5 })
    await ground.query(
      `delete from nunchi.experiment_assignments where project_id = '${world.projectId}' and variant = 'on'`,
    )
    await turn()
    expect(await ramp()).toMatchObject({ state: 'paused', reason: { code: 'sample-ratio' }, looks: [] })
    await turn()
    expect(changes).toHaveLength(1)
    expect(await moveRamp(world.ramps, 'flag', 'checkout', 'running')).toMatchObject({ state: 'running' })
    await expect(moveRamp(world.ramps, 'flag', 'checkout', 'running')).rejects.toThrow(/cannot become/)
    expect(await moveRamp(world.ramps, 'flag', 'checkout', 'stopped')).toMatchObject({ state: 'stopped' })
    expect((await world.config()).experiments['checkout-ramp']!.status).toBe('running')
  }, 30_000)

  it('is done where its last step leaves a control, which stays; what onRamp throws changes nothing', async () => {
    const steps = [{ share: 500_000, leastHours: 0, leastUnits: 60 }]
    await begin({ steps })
    await world.visit(60, { on: 2, off: 2 })
    const onRamp = () => {
      throw new Error('no chat today')
    }
    expect(await runRamps(ground.app, quiet, { restMs: 0, onRamp })).toBe(true)
    expect(await ramp()).toMatchObject({ state: 'done', step: 0, looks: [{ decision: 'finish' }] })
    expect((await world.config()).experiments['checkout-ramp']!.status).toBe('running')
    expect((await world.audit()).at(-1)).toMatchObject({ action: 'ramp.finish' })
  })

  it('changed by hand between reading and writing, writes nothing, and ends at its next turn', async () => {
    await begin()
    await world.visit(400, { on: 100, off: 3 })
    const late: Storage = {
      ...ground.app,
      async call(name, args, options) {
        const answer = await ground.app.call(name, args, options)
        if (name === 'ramp_summary') await publishChange(world.ramps.config, pauseExperiment('checkout-ramp'))
        return answer as never
      },
    }
    expect(await turn(late)).toBe(false)
    expect(await ramp()).toMatchObject({ state: 'running', turn: 1 })
    await turn()
    expect(await ramp()).toMatchObject({ state: 'stopped', reason: { code: 'changed' } })
  })

  it('ends, and says why, when somebody changes the flag by hand', async () => {
    await begin()
    await expect(startRamp(world.ramps, 'flag', 'checkout', plan)).rejects.toThrow(/already/)
    await publishChange(world.ramps.config, switchFlags('checkout', false))
    await turn()
    expect(await ramp()).toMatchObject({ state: 'stopped', reason: { code: 'changed' } })
    expect(changes).toMatchObject([{ does: 'end', reason: { en: expect.stringContaining('disabled') } }])
    expect((await world.audit()).at(-1)).toMatchObject({ action: 'ramp.end' })
  })

  it('waits where of a guardrail hardly anything was counted', async () => {
    await begin()
    await world.visit(400, { on: 1000, off: 1000 })
    await turn()
    await turn()
    expect(await ramp()).toMatchObject({
      state: 'running',
      step: 0,
      reason: { code: 'few' },
      looks: [{ decision: 'hold', tests: [{ noResult: 'few' }] }],
    })
  }, 30_000)

  it('reads the same from the sums that are kept of each unit as from raw events, for every kind of metric', async () => {
    const started = await begin()
    const order = { event: 'Order Completed' }
    const metrics: [string, Omit<MetricDefinition, 'name'>][] = [
      ['orders', { kind: 'conversion', source: order }],
      ['count', { kind: 'count', source: order, windowHours: 1, cap: 1 }],
      ['mean', { kind: 'mean', source: { ...order, property: 'revenue' } }],
      ['funnel', { kind: 'funnel', steps: [order, order] }],
      ['day', { kind: 'retention', day: 1 }],
    ]
    for (const [key, metric] of metrics)
      await ground.owner.call('set_metric', {
        projectId: world.projectId,
        key,
        definition: { name: key, ...metric },
      })
    await world.visit(60, { on: 3, off: 4 })
    const read = async () => {
      const all = []
      for (const [name, metric] of metrics)
        all.push(
          await ground.app.call('ramp_summary', { id: started.id, plan: metricPlan({ name, ...metric }) }),
        )
      // Sums of floats in another order differ in their last digit.
      const rounded = (_: string, value: unknown) =>
        typeof value === 'number' ? Number(value.toPrecision(12)) : value
      return JSON.parse(JSON.stringify(all, rounded)) as object[]
    }
    const raw = await read()
    while ((await ground.app.call<{ more: boolean }>('prepare_results', { budgetMs: 5000 })).more);
    const kept = await ground.query(
      `select count(*)::int as n from nunchi.result_metrics where project_id = '${world.projectId}' and ready`,
    )
    expect(kept).toEqual([{ n: metrics.length }])
    expect(await read()).toEqual(raw)
    expect(raw[0]).toMatchObject({
      arms: [
        { step: 0, variant: 'off' },
        { step: 0, variant: 'on' },
      ],
    })
  }, 30_000)

  it('may change of the config what it is for, and nothing else', async () => {
    const { id, turn: now } = await begin()
    const { number, definition, config, version } = (await world.ramps.config.read())!
    const decision = { id, turn: now, state: 'running', step: 1, reason: {} }
    const publish = (of: typeof definition, pages: object | undefined = config) =>
      ground.app.call('decide_ramp', {
        ...decision,
        publication: { base: number, version, definition: of, config: pages, reason: 'x', subject: 'x' },
      })
    const other = { ...definition, flags: {} }
    expect(await publish(other)).toEqual({ error: 'ramp_not_allowed' })
    expect(await publish(definition, { ...config, flags: {} })).toEqual({ error: 'ramp_not_allowed' })
    expect(await ground.app.call('decide_ramp', { ...decision, turn: 0 })).toEqual({ error: 'stale' })
    expect(await ramp()).toMatchObject({ step: 0, turn: now })
  })
}

describe('ramps, on PGlite', () => {
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

describePostgres('ramps', (server) => {
  suite(async () => {
    const { app, owner, sql, drop } = await createDatabase(server)
    return { app, owner, query: async (text) => [...(await sql.unsafe(text))], close: drop }
  })
})
