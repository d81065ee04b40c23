/** Whatever people do in whatever order: what is in force is valid, and a revision stands for one thing for ever. */
import type { ConfigDefinition, ExperimentDefinition, FlagDefinition } from '@nunchi/protocol'
import { publish, validate } from '@nunchi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryGateway } from '../../test/memory-gateway.ts'
import { Problem } from '../problem.ts'
import {
  completeExperiment,
  deciding,
  deleteExperiment,
  type ExperimentInput,
  pauseExperiment,
  planned,
  setExperiment,
  startExperiment,
} from './experiments.ts'
import { deleteFlag, phase, rampFlag, setFlag, switchFlags } from './flags.ts'
import { deleteShared, setHoldout } from './holdouts-and-groups.ts'
import { type Gateway, type Outcome, publishChange } from './publisher.ts'
import { revertTo } from './revert.ts'

type Deed = (gateway: Gateway) => Promise<Outcome>

const key = fc.constantFrom('a', 'b')
const share = fc.constantFrom(0, 100_000, 1_000_000)
const ramped = (seed: string, coverage: number, enabled: boolean) => ({
  enabled,
  rules: [{ id: 'some', value: true, rollout: { seed, coverage } }],
})
const flag = fc.oneof(
  fc.boolean().map((value) => ({ value })),
  fc
    .tuple(fc.constantFrom('one', 'two'), share, fc.boolean())
    .map(([seed, coverage, enabled]) => ({ value: false, ...ramped(seed, coverage, enabled) })),
)
const experiment: fc.Arbitrary<ExperimentInput> = fc
  .record({
    hypothesis: fc.constantFrom('Price first sells more.', 'Price last sells more.'),
    seed: fc.constantFrom('one', 'two'),
    coverage: share,
    weight: fc.constantFrom(500_000, 200_000),
    held: fc.boolean(),
  })
  .map(({ weight, held, ...rest }) => ({
    name: 'Price first',
    ...(held ? { holdouts: ['kept'] } : {}),
    ...rest,
    variants: [
      { key: 'control', weight, isControl: true },
      { key: 'first', weight: 1_000_000 - weight },
    ],
  }))

const change = fc.oneof(
  fc.tuple(key, flag).map(([at, value]) => setFlag(at, { type: 'boolean', ...value })),
  key.map(deleteFlag),
  fc.tuple(key, share).map(([at, coverage]) => rampFlag(at, coverage)),
  fc.boolean().map((on) => switchFlags('*', on)),
  fc.tuple(key, experiment, fc.boolean()).map(([at, value, restart]) => setExperiment(at, value, restart)),
  { weight: 3, arbitrary: key.map(startExperiment) },
  key.map(pauseExperiment),
  fc.tuple(key, fc.constantFrom(undefined, 'first')).map(([at, winner]) => completeExperiment(at, winner)),
  key.map(deleteExperiment),
  fc
    .tuple(fc.constantFrom('one', 'two'), share, fc.boolean())
    .map(([seed, coverage, restart]) => setHoldout('kept', { seed, coverage }, restart)),
  fc.constant(deleteShared('holdout', 'kept')),
)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: change.map(
      (make): Deed =>
        (gateway) =>
          publishChange(gateway, make),
    ),
  },
  fc
    .tuple(
      fc.nat(40),
      fc.constantFrom({}, { flag: 'a' }, { experiment: 'a' }, { flag: 'b', experiment: 'b' }),
    )
    .map(
      ([back, only]): Deed =>
        async (gateway) => {
          const { number } = (await gateway.read()) ?? { number: 0 }
          return revertTo(gateway, 1 + (back % Math.max(1, number)), undefined, only)
        },
    ),
)

const meaningOf = (one: ExperimentDefinition): string =>
  JSON.stringify([...deciding, ...planned].map((field) => [field, one[field as keyof ExperimentDefinition]]))

/** What decides who sees what, of everything that pages get, by kind, key and revision. */
function meanings(all: ConfigDefinition): [name: string, revision: number, means: string][] {
  const flags = Object.entries(all.flags).map(
    ([at, one]) => [`flag ${at}`, one.revision, JSON.stringify(phase(one as FlagDefinition))] as const,
  )
  const experiments = Object.entries(all.experiments)
    .filter(([, { status }]) => status !== 'draft')
    .map(([at, one]) => [`experiment ${at}`, one.revision, meaningOf(one)] as const)
  // A holdout may change when what it was for is over.
  const cuts = Object.entries(all.experiments)
    .filter(([, { status, holdouts }]) => (status === 'running' || status === 'paused') && holdouts)
    .map(([at, { revision }]) => [`held ${at}`, revision, String(all.holdouts?.['kept']?.seed)] as const)
  return [...flags, ...experiments, ...cuts].map(([...one]) => one)
}

describe('any sequence of changes and reverts', () => {
  it('leaves a valid config, lowers no revision, and gives none of them to something else', async () => {
    const seen = { published: 0, refused: 0, reverted: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 60, size: 'max' }), async (deeds) => {
        const gateway = memoryGateway()
        const meant = new Map<string, string>()
        const last = new Map<string, number>()
        for (const act of deeds) {
          const before = await gateway.read()
          const outcome = await act(gateway).catch((error: unknown) => error)
          const now = await gateway.read()
          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(Problem)
            expect((outcome as Problem).code).toMatch(/^config_(not_allowed|not_found|invalid)$/)
            expect(now).toEqual(before)
            seen.refused++
            continue
          }
          seen.published++
          if (now?.reason?.startsWith('config.revert')) seen.reverted++
          expect(now?.number).toBe((before?.number ?? 0) + 1)
          expect(validate(now!.definition)).toEqual([])
          expect(validate(publish(now!.definition))).toEqual([])
          for (const [name, revision, means] of meanings(now!.definition)) {
            expect(revision).toBeGreaterThanOrEqual(last.get(name) ?? 1)
            last.set(name, revision)
            expect([name, revision, meant.get(`${name} ${revision}`) ?? means]).toEqual([
              name,
              revision,
              means,
            ])
            meant.set(`${name} ${revision}`, means)
          }
        }
      }),
      { numRuns: 300 },
    )
    // The walk went everywhere it should.
    expect(Math.min(seen.published, seen.refused, seen.reverted)).toBeGreaterThan(500)
  })
})

describe('a key that comes again', () => {
  const price = (seed: string): ExperimentInput => ({
    name: 'Price first',
    hypothesis: 'Price first sells more.',
    seed,
    variants: [
      { key: 'control', weight: 500_000, isControl: true },
      { key: 'first', weight: 500_000 },
    ],
  })
  const revisionOf = async (gateway: Gateway) =>
    (await gateway.read())?.definition.experiments['price']?.revision

  it('after its experiment was deleted counts on, so that old exposures are not its own', async () => {
    const gateway = memoryGateway()
    for (const make of [
      setExperiment('price', price('one')),
      startExperiment('price'),
      completeExperiment('price'),
      deleteExperiment('price'),
      setExperiment('price', price('two')),
    ])
      await publishChange(gateway, make)
    expect(await revisionOf(gateway)).toBe(2)
  })

  it('by going back to what was deleted is what it was, with its results', async () => {
    const gateway = memoryGateway()
    await publishChange(gateway, setExperiment('price', price('one')))
    await publishChange(gateway, startExperiment('price'))
    await publishChange(gateway, completeExperiment('price'))
    await publishChange(gateway, deleteExperiment('price'))
    await revertTo(gateway, 2)
    expect(await revisionOf(gateway)).toBe(1)
  })

  it('as the draft it was before it ran is a new plan, with results of its own', async () => {
    const gateway = memoryGateway()
    await publishChange(gateway, setExperiment('price', price('one')))
    await publishChange(gateway, startExperiment('price'))
    await revertTo(gateway, 1)
    await publishChange(gateway, setExperiment('price', price('two')))
    await publishChange(gateway, startExperiment('price'))
    expect(await revisionOf(gateway)).toBe(2)
  })

  it('alone, after its holdout began to hold out others, has results of its own', async () => {
    const gateway = memoryGateway()
    await publishChange(gateway, setHoldout('kept', { coverage: 50_000 }))
    await publishChange(gateway, setExperiment('price', { ...price('one'), holdouts: ['kept'] }))
    await publishChange(gateway, startExperiment('price'))
    await publishChange(gateway, completeExperiment('price'))
    await publishChange(gateway, setHoldout('kept', { coverage: 50_000, seed: 'two' }))
    await revertTo(gateway, 3, undefined, { experiment: 'price' })
    expect(await revisionOf(gateway)).toBe(2)
    // And with all that it was, it is what it was.
    await revertTo(gateway, 5)
    await revertTo(gateway, 3)
    expect(await revisionOf(gateway)).toBe(3)
  })

  it('leaves alone what was not to go back', async () => {
    const gateway = memoryGateway()
    await publishChange(gateway, setFlag('a', { type: 'boolean', value: false }))
    await publishChange(gateway, setExperiment('price', price('one')))
    await publishChange(gateway, startExperiment('price'))
    await publishChange(gateway, completeExperiment('price', 'first'))
    await publishChange(gateway, setFlag('a', { type: 'boolean', value: true }))
    const before = (await gateway.read())?.definition.experiments
    await revertTo(gateway, 1, undefined, { flag: 'a' })
    const { definition } = (await gateway.read())!
    expect(definition.experiments).toEqual(before)
    expect(definition.flags['a']).toEqual({ type: 'boolean', value: false, revision: 3 })
  })
})
