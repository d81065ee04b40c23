import { expect, it } from 'vitest'
import { validate } from '../validate.ts'

/** So many flags that name a group of so many values of a hundred characters. */
const naming = (flags: number, values: number) => ({
  flags: Object.fromEntries(
    Array.from({ length: flags }, (_, i) => [
      `f${i}`,
      {
        type: 'boolean',
        value: false,
        revision: 1,
        rules: [{ id: 'r', value: true, condition: { $or: [{ id: { $not: { $inGroup: 'staff' } } }] } }],
      },
    ]),
  ),
  experiments: {},
  groups: { staff: Array.from({ length: values }, (_, i) => `${i}`.padEnd(97, '.')), unused: ['a'] },
})

it('a group that many conditions name is refused before it is written out as often', () => {
  expect(validate(naming(1_000, 99))).toEqual([])
  expect(validate(naming(1_001, 100))).toEqual([
    { path: 'groups.staff', message: expect.stringMatching(/^is written out 1001 times/) },
  ])
})

it('a group that nothing names may be long', () => {
  expect(validate({ ...naming(0, 120_000) })).toEqual([])
})
