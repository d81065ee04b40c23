/** The job's own part: what lists may never hold, how exposure is spread, and profiles that nobody expects. */
import type { JsonObject } from '@nunchi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FoundMatches, findMatches } from './find-matches.ts'
import { fitting, type Participant } from './wishes.ts'

const towns = ['Jeju', 'Busan', 'Seoul']
const wishes: fc.Arbitrary<JsonObject | undefined> = fc.constantFrom(
  undefined,
  undefined,
  { age: { $gte: 40 } },
  { town: { $in: ['Jeju', 'Seoul'] } },
  { $not: { town: 'Busan' } },
  { age: { $regex: '4' } },
)
const club = fc
  .array(fc.tuple(fc.integer({ min: 20, max: 60 }), fc.constantFrom(...towns), wishes), { maxLength: 14 })
  .map((all) =>
    all.map(
      ([age, town, wants], n): Participant => ({
        id: `p${n}`,
        tags: [`t${age % 3}`],
        attributes: { age, town, ...(wants && { wants }) },
      }),
    ),
  )
const said = fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.boolean()), { maxLength: 40 }).map((all) => {
  const decisions = new Map(all.map(([a, b, yes]) => [`${a} ${b}`, { from: `p${a}`, to: `p${b}`, yes }]))
  return [...decisions.values()].filter(({ from, to }) => from !== to)
})

const byId = (found: FoundMatches[]) => new Map(found.map(({ id, others }) => [id, others]))

describe('the lists', () => {
  it('hold nobody themselves, nobody twice, nobody who was refused or does not fit, and everybody else', async () => {
    await fc.assert(
      fc.asyncProperty(club, said, async (people, decisions) => {
        const fits = fitting(people)
        const lists = byId(await findMatches(people, decisions))
        expect([...lists.keys()].toSorted()).toEqual(people.map(({ id }) => id).toSorted())
        for (const one of people) {
          const expected = people.filter(
            (other) =>
              other !== one &&
              fits(one, other) &&
              !decisions.some(
                ({ from, to, yes }) =>
                  (from === one.id && to === other.id) || (from === other.id && to === one.id && !yes),
              ),
          )
          const list = lists.get(one.id)!
          expect(list.map(([id]) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted())
          const scores = list.map(([, score]) => score)
          expect(scores).toEqual(scores.toSorted((a, b) => b - a))
          for (const score of scores) expect(score > 0 && score < 1).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('give the most shown hundredth a twentieth of the first three places, where all want the same', async () => {
    const people = Array.from({ length: 200 }, (_, n) => ({
      id: `p${n}`,
      tags: [],
      attributes: { charm: n },
    }))
    const decisions = people.flatMap(({ id }, n) =>
      [3, 50, 120, 180, 199].flatMap((k) => {
        const to = (n * 7 + k) % 200
        return to === n
          ? []
          : [
              { from: id, to: `p${to}`, yes: to > 150 },
              { from: `p${to}`, to: id, yes: true },
            ]
      }),
    )
    const found = await findMatches(people, decisions)
    const shown = new Map<string, number>()
    for (const { others } of found)
      for (const [id] of others.slice(0, 3)) shown.set(id, (shown.get(id) ?? 0) + 1)
    const times = [...shown.values()].sort((a, b) => b - a)
    expect(found.every(({ others }) => others.length === 60)).toBe(true)
    expect((times[0]! + times[1]!) / (3 * 200)).toBeLessThanOrEqual(0.05)
    expect(shown.size).toBeGreaterThan(30)
  })

  it('begin with what people have in common, before anything is decided', async () => {
    const tastes = ['tea walking birds radio', 'choir', 'tea walking birds', 'radio', 'tea walking']
    const people = tastes.map((words, n) => ({
      id: `p${n}`,
      tags: [],
      attributes: { likes: words.split(' '), age: 60 + n * 9 },
    }))
    const found = byId(await findMatches(people, []))
    expect(found.get('p0')!.map(([id]) => id)).toEqual(['p2', 'p4', 'p3', 'p1'])
  })

  it('learn nothing of a yes before it is answered; then they do', async () => {
    const people = Array.from({ length: 30 }, (_, n) => ({
      id: `p${n}`,
      tags: [`t${n % 4}`],
      attributes: {},
    }))
    const known = people.slice(5).map(({ id }, n) => ({ from: id, to: `p${(n * 11) % 5}`, yes: n % 2 === 0 }))
    const answers = known.map(({ from, to }) => ({ from: to, to: from, yes: true }))
    const reasonsOf = async (more: typeof known) =>
      new Map(
        byId(await findMatches(people, [...known, ...answers, ...more]))
          .get('p9')!
          .map(([id, ...rest]) => [id, rest]),
      )
    const asked = { from: 'p20', to: 'p9', yes: true }
    const [before, pending] = [await reasonsOf([]), await reasonsOf([asked])]
    expect(pending.get('p20')).toEqual(before.get('p20'))
    // The same people are there as before, p20 among them.
    expect([...pending.keys()].toSorted()).toEqual([...before.keys()].toSorted())
    const answered = await reasonsOf([asked, { from: 'p9', to: 'p20', yes: false }])
    expect(answered.has('p20')).toBe(false)
    expect([...answered].every(([id, rest]) => JSON.stringify(rest) === JSON.stringify(before.get(id)))).toBe(
      false,
    )
  })

  it('are nearly even in circles beyond the most that are compared, and everybody has one', async () => {
    const people = Array.from({ length: 50 }, (_, n) => ({ id: `p${n}`, tags: [], attributes: {} }))
    const found = await findMatches(people, [], { compared: 20 })
    expect(found).toHaveLength(50)
    for (const { others } of found) expect(others.length).toBeGreaterThanOrEqual(15)
  })
})

describe('people whom nobody expects', () => {
  const odd: [string, Participant[]][] = [
    ['none', []],
    ['one alone', [{ id: 'a', tags: [], attributes: {} }]],
    [
      'all the same',
      Array.from({ length: 9 }, (_, n) => ({ id: `p${n}`, tags: ['x'], attributes: { age: 40, on: true } })),
    ],
    [
      'numbers as text beside numbers',
      ['40', 41, '42', 43, null, [44]].map((age, n) => ({ id: `p${n}`, tags: [], attributes: { age } })),
    ],
    [
      'numbers beyond all squares',
      [1e308, -1e308, 1e-308, 5].map((age, n) => ({ id: `p${n}`, tags: [], attributes: { age } })),
    ],
    [
      'names that objects have',
      ['__proto__', 'constructor', 'toString'].flatMap((name, n) => [
        { id: name, tags: [name], attributes: JSON.parse(`{"${name}":["a"],"x":1}`) as JsonObject },
        {
          id: `q${n}`,
          tags: [],
          attributes: JSON.parse(`{"${name}":{"a":1},"wants":{"x":1}}`) as JsonObject,
        },
      ]),
    ],
    [
      'lists and texts without end',
      [0, 1].map((n) => ({
        id: `p${n}`,
        tags: Array.from({ length: 50 }, (_, i) => `t${i}`),
        attributes: { words: Array.from({ length: 5_000 }, (_, i) => `w${i}`), text: 'x'.repeat(16_000) },
      })),
    ],
    [
      'a thousand attributes each',
      [0, 1, 2].map((n) => ({
        id: `p${n}`,
        tags: [],
        attributes: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`a${i}`, i % 7])),
      })),
    ],
  ]
  it.each(odd)('%s', async (_, people) => {
    const decisions = people.slice(1).flatMap(({ id }) => [
      { from: people[0]!.id, to: 'gone', yes: true },
      { from: id, to: people[0]!.id, yes: false },
    ])
    for (const given of [[], decisions]) {
      const found = await findMatches(people, given)
      expect(found).toHaveLength(people.length)
      for (const { others } of found)
        for (const [id, score, { you, them }] of others) {
          expect(people.some((one) => one.id === id)).toBe(true)
          expect(score > 0 && score < 1).toBe(true)
          expect(you.length <= 5 && them.length <= 5).toBe(true)
          for (const { shared } of [...you, ...them]) expect(shared?.length ?? 0).toBeLessThanOrEqual(10)
        }
    }
  })
})
