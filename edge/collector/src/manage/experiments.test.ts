import type { ConfigDefinition, ExperimentDefinition, ExperimentStatus } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { fromNothing } from '../../test/from-nothing.ts'
import * as change from './experiments.ts'

const completeExperiment = fromNothing(change.completeExperiment)
const deleteExperiment = fromNothing(change.deleteExperiment)
const pauseExperiment = fromNothing(change.pauseExperiment)
const setExperiment = fromNothing(change.setExperiment)
const startExperiment = fromNothing(change.startExperiment)

const price = (more: Partial<ExperimentDefinition> = {}): ExperimentDefinition => ({
  name: 'Price first',
  hypothesis: 'Showing the price first sells more tea, because people need not look for it.',
  status: 'draft',
  revision: 1,
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ],
  targetSampleSize: 10_000,
  ...more,
})
const having = (experiment: ExperimentDefinition): ConfigDefinition => ({
  flags: {},
  experiments: { price: experiment },
})
const statusOf = ({ experiments }: ConfigDefinition) => experiments['price']?.status

describe('an experiment', () => {
  it('begins as a draft at revision 1, whatever it was sent as', () => {
    const { definition, reason } = setExperiment(
      'price',
      price({ status: 'running', revision: 9 }),
    )({
      flags: {},
      experiments: {},
    })
    expect(definition.experiments['price']).toEqual(price())
    expect(reason).toBe('experiment.create price')
  })

  it('goes from draft to running to paused and back, and to completed for good', () => {
    const running = startExperiment('price')(having(price())).definition
    const paused = pauseExperiment('price')(running).definition
    const again = startExperiment('price')(paused).definition
    const { definition: completed, before, after } = completeExperiment('price', 'first')(again)
    expect([running, paused, again, completed].map(statusOf)).toEqual([
      'running',
      'paused',
      'running',
      'completed',
    ])
    expect(completed.experiments['price']).toMatchObject({ winner: 'first', revision: 1 })
    expect([before, after]).toMatchObject([{ status: 'running' }, { status: 'completed', winner: 'first' }])
    for (const change of [startExperiment('price'), pauseExperiment('price'), completeExperiment('price')])
      expect(() => change(completed)).toThrow(
        expect.objectContaining({ code: 'config_not_allowed', status: 409 }),
      )
  })

  it('cannot skip a step, and is told which it can take', () => {
    expect(() => pauseExperiment('price')(having(price()))).toThrow(
      expect.objectContaining({ fix: 'From here it can become running.' }),
    )
    expect(() => completeExperiment('price')(having(price()))).toThrow(/cannot become completed/)
    expect(() => completeExperiment('price', 'third')(having(price({ status: 'running' })))).toThrow(
      /no variant "third"/,
    )
  })

  it('is deleted only as a draft or when completed', () => {
    for (const status of ['running', 'paused'] as const)
      expect(() => deleteExperiment('price')(having(price({ status })))).toThrow(
        /Complete it|is (running|paused)/,
      )
    for (const status of ['draft', 'completed'] as const)
      expect(deleteExperiment('price')(having(price({ status }))).definition.experiments).toEqual({})
  })
})

describe('changing an experiment', () => {
  const started: ExperimentStatus[] = ['running', 'paused']
  const moves: [string, Partial<ExperimentDefinition>][] = [
    ['the seed', { seed: 'other' }],
    ['the hash version', { hashVersion: 2 }],
    ['the attribute', { attribute: 'userId' }],
    ['a weight', { variants: [price().variants[0]!, { key: 'first', weight: 400_000 }] }],
    ['a namespace', { namespaces: [{ name: 'shop', ranges: [[0, 500_000]] }] }],
    ['the targeting', { condition: { country: 'KR' } }],
    ['the roles', { roles: ['admin'] }],
    ['the addresses', { urls: [{ type: 'simple', pattern: '/tea' }] }],
  ]

  it.each(moves)('that has started: %s only as a new revision, said in so many words', (_what, more) => {
    for (const status of started) {
      const there = having(price({ status }))
      expect(() => setExperiment('price', price(more))(there)).toThrow(
        expect.objectContaining({ code: 'config_not_allowed', fix: expect.stringContaining('restart') }),
      )
      expect(setExperiment('price', price(more), true)(there).definition.experiments['price']).toMatchObject({
        ...more,
        status,
        revision: 2,
      })
    }
  })

  it.each([
    ['the hypothesis', { hypothesis: 'Something else, now that the numbers are there.' }],
    ['the sample size', { targetSampleSize: 5_000 }],
    ['the confidence level', { confidenceLevel: 0.9 }],
    ['how it is tested', { testing: 'fixed' as const }],
  ])('that has started: %s never, not even as a new revision', (_what, more) => {
    for (const restart of [false, true])
      expect(() =>
        setExperiment('price', price(more), restart)(having(price({ status: 'running' }))),
      ).toThrow(/was planned before and stays/)
  })

  it.each([
    ['its coverage', { coverage: 500_000 }],
    ['its schedule', { schedule: { end: 2_000_000_000_000 } }],
    ['its description', { description: 'Tea page.' }],
    ['who is forced', { forced: { tester: 'first' } }],
  ])('that runs: %s, within its revision', (_what, more) => {
    const { definition } = setExperiment(
      'price',
      price(more),
    )(having(price({ status: 'running', revision: 4 })))
    expect(definition.experiments['price']).toMatchObject({ ...more, revision: 4, status: 'running' })
  })

  it('that is a draft: anything, without a new revision', () => {
    for (const [, more] of moves)
      expect(
        setExperiment('price', price(more))(having(price())).definition.experiments['price'],
      ).toMatchObject({
        ...more,
        revision: 1,
      })
  })

  it('that is completed: its words and its winner, nothing else', () => {
    const there = having(price({ status: 'completed' }))
    expect(
      setExperiment('price', price({ winner: 'first', description: 'Done.' }))(there).definition.experiments[
        'price'
      ],
    ).toMatchObject({ winner: 'first', status: 'completed' })
    expect(() => setExperiment('price', price({ coverage: 1 }), true)(there)).toThrow(
      /coverage cannot change/,
    )
  })

  it('in nothing but the order of its keys is no change', () => {
    const { name, ...rest } = price()
    const there = having(price({ status: 'running' }))
    expect(setExperiment('price', { ...rest, name })(there).definition.experiments['price']).toMatchObject({
      revision: 1,
    })
  })
})
