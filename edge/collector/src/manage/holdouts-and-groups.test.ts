import type { ConfigDefinition, ExperimentStatus } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { fromNothing } from '../../test/from-nothing.ts'
import * as change from './holdouts-and-groups.ts'

const [setHoldout, setGroup] = [fromNothing(change.setHoldout), fromNothing(change.setGroup)]
const deleteShared = fromNothing(change.deleteShared)
const experiment = (status: ExperimentStatus) => ({
  name: 'Price first',
  hypothesis: 'It sells more.',
  status,
  revision: 1,
  holdouts: ['kept'],
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ],
})
const having = (status: ExperimentStatus): ConfigDefinition => ({
  flags: {},
  experiments: { price: experiment(status), other: { ...experiment('running'), holdouts: [] } },
  holdouts: { kept: { coverage: 50_000 } },
})

describe('a holdout', () => {
  it('is made, and may grow, without anybody’s revision', () => {
    const { definition, reason, before } = setHoldout('new', { coverage: 1 })(having('running'))
    expect([definition.holdouts, reason, before]).toEqual([
      { kept: { coverage: 50_000 }, new: { coverage: 1 } },
      'holdout.create new',
      null,
    ])
    const grown = setHoldout('kept', { coverage: 100_000 })(having('running'))
    expect(grown.definition.experiments['price']?.revision).toBe(1)
    expect(grown).toMatchObject({ before: { coverage: 50_000 }, after: { coverage: 100_000 } })
  })

  it.each(['running', 'paused'] as const)(
    'holds out others only as a new revision of what is %s',
    (status) => {
      const moved = { coverage: 50_000, seed: 'other' }
      expect(() => setHoldout('kept', moved)(having(status))).toThrow(
        expect.objectContaining({ code: 'config_not_allowed', fix: expect.stringContaining('restart') }),
      )
      const standing = {
        number: 1,
        version: 'v',
        revisions: { flags: {}, experiments: { price: 1, other: 1 } },
      }
      const { experiments } = change.setHoldout('kept', moved, true)(having(status), standing).definition
      expect([experiments['price']?.revision, experiments['other']?.revision]).toEqual([2, 1])
    },
  )

  it.each(['draft', 'completed'] as const)(
    'holds out others freely while what names it is a %s',
    (status) => {
      const { definition } = setHoldout('kept', { coverage: 1, seed: 'other' })(having(status))
      expect(definition.experiments['price']?.revision).toBe(1)
    },
  )
})

describe('what is shared', () => {
  it('is told before and after, and taken away by its name', () => {
    const made = setGroup('staff', ['kim', 7])(having('draft'))
    expect([made.reason, made.before, made.after]).toEqual(['group.create staff', null, ['kim', 7]])
    const gone = deleteShared('group', 'staff')(made.definition)
    expect([gone.definition.groups, gone.before, gone.after]).toEqual([{}, ['kim', 7], null])
    expect(() => deleteShared('group', 'constructor')(made.definition)).toThrow(
      expect.objectContaining({ code: 'config_not_found', fix: 'There are: staff.' }),
    )
    expect(() => deleteShared('holdout', 'x')({ flags: {}, experiments: {} })).toThrow(/no holdout "x"/)
  })
})
