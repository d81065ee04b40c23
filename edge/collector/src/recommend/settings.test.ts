/** The settings of recommendations: each mistake by its path, and nothing that SQL could not decide. */
import { expect, it } from 'vitest'
import { type RecommendationSettings, settingsMistakes } from './settings.ts'

const said = (given: unknown) => settingsMistakes(given).map(({ path, message }) => `${path}: ${message}`)

it('takes what the documentation shows', () => {
  const settings: RecommendationSettings = {
    types: ['prompts'],
    events: { 'Prompt Copied': 'like', 'Product Removed': null },
    weights: { view: 0.5 },
    halfLifeDays: 14,
    rules: [
      { filter: { country: { $in: ['KR', 'JP'] }, price: { $lt: 100 } }, types: ['products'] },
      { boost: 1.5, when: { $or: [{ sale: true }, { tags: { $in: ['new'] } }] }, lists: ['user'] },
      { pin: ['oak-table'] },
    ],
  }
  expect(said(settings)).toEqual([])
  expect(said({})).toEqual([])
})

it('says of each mistake where it is and what would do', () => {
  expect(said(7)).toEqual([': It must be a JSON object.'])
  expect(
    said({
      halfLife: 3,
      halfLifeDays: 1,
      newDays: 1.5,
      explore: 'yes',
      events: { Tasted: 'eat' },
      weights: { dismiss: 1, view: -1 },
      preferences: [''],
      __proto__x: 1,
    }),
  ).toEqual([
    expect.stringContaining('halfLife: There is no such field here; there are types, events'),
    'halfLifeDays: It must be a number from 7 to 3650.',
    'newDays: It must be a whole number from 0 to 3650.',
    'explore: It must be true or false.',
    'events.Tasted: It must be one of view, click, add, like, buy, dismiss, or null.',
    'weights.dismiss: There is no such kind here; there are view, click, add, like, buy.',
    'weights.view: It must be a number from 0.001 to 100.',
    'preferences: It must be a list of at most 10 texts of 1 to 200 characters.',
    expect.stringContaining('__proto__x: There is no such field here'),
  ])
})

it('refuses rules that do two things, none, or ask what only JavaScript can say', () => {
  expect(
    said({
      rules: [
        {},
        { filter: {}, boost: 2 },
        { filter: {}, when: {} },
        { filter: { name: { $regex: 'a' } } },
        { filter: { $nor: [] } },
        { filter: { a: [] } },
        { filter: { price: { $lt: '5' } } },
        { boost: Number.NaN },
        { pin: ['a'], lists: ['all'] },
      ],
    }),
  ).toEqual([
    'rules[0]: It must have exactly one of filter, boost and pin.',
    'rules[1]: It must have exactly one of filter, boost and pin.',
    'rules[2].when: Only a boost has it; a filter is its own condition.',
    expect.stringContaining('rules[3].filter.name.$regex: A rule knows no such operator'),
    expect.stringContaining('rules[4].filter.$nor: A rule knows no such operator'),
    expect.stringContaining('rules[5].filter.a: It must be a value'),
    'rules[6].filter.price.$lt: It must be a number.',
    'rules[7].boost: It must be a number from 0.01 to 100.',
    'rules[8].lists: It must be a list of user, contextual, similar, trending.',
  ])
})

it('ends conditions that nest without end', () => {
  let nested: object = { a: 1 }
  for (let i = 0; i < 50; i++) nested = { $not: nested }
  expect(said({ rules: [{ filter: nested }] }).join()).toMatch(/It nests too deep/)
})
