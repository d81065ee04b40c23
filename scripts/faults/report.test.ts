import { describe, expect, it } from 'vitest'
import type { Outcome, Played } from './play.ts'
import { faultsOf, table } from './report.ts'

const whole: Outcome = {
  accepted: 5,
  stored: 5,
  lost: 0,
  duplicated: 0,
  reported: 0,
  seconds: 1,
  recovery: undefined,
  waited: 0,
  broken: [],
  brokeOff: false,
}
const control = (outcome: Partial<Outcome>) => ({ name: 'no disk', outcome: { ...whole, ...outcome } })
const played = (more: Partial<Played>): Played => ({
  number: 1,
  name: 'crash',
  outcome: whole,
  control: control({ lost: 5 }),
  ...more,
})

describe('what is wrong with the faults that were played', () => {
  it('is nothing where every figure is zero and the control fails, in any way', () => {
    const failing = [{ lost: 1 }, { duplicated: 1 }, { broken: ['Two were open at once.'] }]
    expect(failing.flatMap((outcome) => faultsOf([played({ control: control(outcome) })]))).toEqual([])
  })

  it.each<[Partial<Played>, string]>([
    [{ outcome: { ...whole, lost: 2 } }, '1, crash: 2 lost.'],
    [{ outcome: { ...whole, duplicated: 3 } }, '1, crash: 3 duplicated.'],
    [{ outcome: { ...whole, broken: ['Late.'] } }, '1, crash: Late.'],
    [{ control: control({}) }, '1, crash: the control passes (no disk).'],
    [
      { control: control({ broken: ['It broke off: no browser'], brokeOff: true }) },
      '1, crash: the control was not played to its end.',
    ],
  ])('is said in a sentence: %j', (more, sentence) => {
    expect(faultsOf([played(more)])).toEqual([sentence])
  })
})

describe('the table', () => {
  it('says how a control fails, shouts where it passes, and why a case was skipped', () => {
    const text = table([
      played({}),
      played({ control: control({ broken: ['Two were open at once.'] }) }),
      played({ control: control({}) }),
      { number: 39, name: 'full disk', skipped: 'no root.' },
    ])
    expect(text).toContain('no disk: fails (5 lost)')
    expect(text).toContain('no disk: fails (Two were open at once.)')
    expect(text).toContain('no disk: PASSES')
    expect(text).toContain('skipped: no root.')
  })
})
