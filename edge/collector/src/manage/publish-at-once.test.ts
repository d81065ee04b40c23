/** Many people publish at once on a real server: nothing is lost, nothing is half done, every row tells of one number. */
import { createHash } from 'node:crypto'
import { createKey, validate } from '@nunchi/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { Problem } from '../problem.ts'
import { completeExperiment, deleteExperiment, setExperiment, startExperiment } from './experiments.ts'
import { deleteFlag, rampFlag, setFlag, switchFlags } from './flags.ts'
import { keyGateway, ownerGateway } from './gateway.ts'
import { type Gateway, publishChange } from './publisher.ts'
import { revertTo } from './revert.ts'

describePostgres('publishing at once', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase(server)
  })
  afterAll(() => database?.drop())

  /** A project of its own, by a key and as the owner. */
  async function opened(name: string): Promise<{ projectId: string; byKey: Gateway; byOwner: Gateway }> {
    const { projectId } = await database.owner.call<{ projectId: string }>('create_project', { name })
    const hash = createHash('sha256').update(createKey('srv')).digest('hex')
    const key = { projectId, environment: 'production', kind: 'srv', hash, hint: 'abcd' }
    await database.owner.call('create_key', key)
    const whose = { projectId, environment: 'production' }
    return {
      projectId,
      byKey: keyGateway(database.app, hash),
      byOwner: ownerGateway(database.owner, whose, 'cli:kim'),
    }
  }

  /** What SQL says of a project: the numbers, and the rows that follow from the definition in force. */
  async function told(projectId: string) {
    const [row] = await database.sql<
      { numbers: number[]; audits: number; flags: string[]; experiments: string[]; variants: number }[]
    >`select
      (select array_agg(number::int order by number) from nunchi.config_versions where project_id = ${projectId}) as numbers,
      (select count(*)::int from nunchi.audit_log where project_id = ${projectId} and action ~ '^(flag|experiment|config)[.]') as audits,
      array(select key from nunchi.feature_flags where project_id = ${projectId} order by key collate "C") as flags,
      array(select key from nunchi.experiments where project_id = ${projectId} order by key collate "C") as experiments,
      (select count(*)::int from nunchi.experiment_variants where project_id = ${projectId}) as variants`
    return row!
  }

  it('twenty publishers lose nothing: each change is in force, or its maker was told', async () => {
    const { projectId, byKey, byOwner } = await opened('Twenty')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        publishChange(i % 2 ? byKey : byOwner, setFlag(`flag-${i}`, { type: 'boolean', value: false })),
      ),
    )
    const made = outcomes.flatMap((one, i) =>
      one.status === 'fulfilled' ? [[`flag-${i}`, one.value.number]] : [],
    )
    for (const one of outcomes)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ code: 'config_conflict', status: 409 })
    const { definition } = (await byOwner.read())!
    expect(Object.keys(definition.flags).toSorted()).toEqual(made.map(([key]) => key).toSorted())
    const { numbers, audits, flags } = await told(projectId)
    expect(numbers).toEqual(made.map((_, i) => i + 1))
    expect(made.map(([, number]) => number).toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers)
    expect(audits).toBe(numbers.length)
    expect(flags).toEqual(made.map(([key]) => key).toSorted())
    expect(numbers.length).toBeGreaterThan(5)
  })

  it('of twenty that name the number they read, one comes through', async () => {
    const { projectId, byKey } = await opened('Named')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        publishChange(byKey, setFlag(`flag-${i}`, { type: 'boolean', value: false }), 0),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await told(projectId)).toMatchObject({ numbers: [1], audits: 1 })
  })

  it('twenty that change one flag all count: none is made on what another one has replaced', async () => {
    const { byKey } = await opened('Counted')
    await publishChange(byKey, setFlag('count', { type: 'number', value: 0 }))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        publishChange(byKey, (definition, standing) => {
          const value = Number(definition.flags['count']?.value) + 1
          return setFlag('count', { type: 'number', value })(definition, standing)
        }),
      ),
    )
    const fine = outcomes.filter(({ status }) => status === 'fulfilled').length
    const { definition, number } = (await byKey.read())!
    expect(definition.flags['count']).toMatchObject({ value: fine, revision: fine + 1 })
    expect(number).toBe(fine + 1)
  })

  it('leaves rows that are the definition, whatever was done in whatever order', async () => {
    const variants = [
      { key: 'control', weight: 500_000, isControl: true },
      { key: 'first', weight: 500_000 },
    ]
    const at = fc.constantFrom('a', 'b')
    const deed = fc.oneof(
      at.map((key) => setFlag(key, { type: 'boolean', value: false })),
      at.map(deleteFlag),
      fc.tuple(at, fc.nat(1_000_000)).map(([key, share]) => rampFlag(key, share)),
      fc.boolean().map((on) => switchFlags('*', on)),
      at.map((key) => setExperiment(key, { name: 'N', hypothesis: 'H.', variants })),
      at.map(startExperiment),
      at.map((key) => completeExperiment(key)),
      at.map(deleteExperiment),
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(deed), { minLength: 10, maxLength: 25 }), async (deeds) => {
        const { projectId, byKey } = await opened(`Walk ${run++}`)
        let published = 0
        for (const make of deeds) {
          const done = make ? publishChange(byKey, make) : revertTo(byKey, 1 + Math.floor(published / 2))
          const outcome = await done.catch((error: unknown) => error)
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(Problem)
          else published++
        }
        const { definition } = (await byKey.read()) ?? { definition: { flags: {}, experiments: {} } }
        expect(validate(definition)).toEqual([])
        const { numbers, audits, flags, experiments, variants: arms } = await told(projectId)
        expect(numbers ?? []).toEqual(Array.from({ length: published }, (_, i) => i + 1))
        expect(audits).toBe(published)
        expect(flags).toEqual(Object.keys(definition.flags).toSorted())
        expect(experiments).toEqual(Object.keys(definition.experiments).toSorted())
        expect(arms).toBe(2 * experiments.length)
      }),
      { numRuns: 8 },
    )
  })

  describe('the highest revisions', () => {
    it('outlive their keys, count no draft, and come with what is read', async () => {
      const { byKey } = await opened('Revisions')
      const variants = [
        { key: 'control', weight: 500_000, isControl: true },
        { key: 'first', weight: 500_000 },
      ]
      for (const make of [
        setFlag('gone', { type: 'boolean', value: false }),
        setFlag('gone', { type: 'boolean', value: true }),
        deleteFlag('gone'),
        setExperiment('draft', { name: 'N', hypothesis: 'H.', variants }),
        setExperiment('ran', { name: 'N', hypothesis: 'H.', variants }),
        startExperiment('ran'),
        completeExperiment('ran'),
        deleteExperiment('ran'),
      ])
        await publishChange(byKey, make)
      expect((await byKey.read())?.revisions).toEqual({ flags: { gone: 2 }, experiments: { ran: 1 } })
      await publishChange(byKey, setFlag('gone', { type: 'number', value: 1 }))
      expect((await byKey.read())?.definition.flags['gone']).toMatchObject({ revision: 3 })
    })
  })
})
