/** Whether two people fit is decided twice, by the job and when a list is asked for: SQL and TypeScript agree. */

import type { PGlite } from '@electric-sql/pglite'
import type { Json, JsonObject } from '@nunchi/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migratedPglite } from '../../test/migrated-pglite.ts'
import { fitting, type Participant } from './wishes.ts'

let db: PGlite
beforeAll(async () => {
  db = await migratedPglite()
}, 60_000)
afterAll(() => db.close())

/** Many pairs at once: each asked in SQL as match() asks. */
async function inSql(pairs: [Participant, Participant][]): Promise<boolean[]> {
  const { rows } = await db.query<{ fits: boolean }>(
    `select nunchi.match_fits(
        jsonb_populate_record(null::nunchi.items, p -> 0), jsonb_populate_record(null::nunchi.items, p -> 1)) as fits
      from jsonb_array_elements($1::jsonb) with ordinality q (p, n) order by n`,
    [JSON.stringify(pairs)],
  )
  return rows.map(({ fits }) => fits)
}
const inTypeScript = (pairs: [Participant, Participant][]) =>
  pairs.map(([one, other]) => fitting([one, other])(one, other))

const value: fc.Arbitrary<Json> = fc.constantFrom<Json[]>('a', 'b', '', '1', 0, 1, 1.5, -2, true, false, null)
const name = fc.constantFrom('age', 'town', 'tags', 'id', 'none')
const number = fc.constantFrom(0, 1, 1.5, -2, 40)
const decided: fc.Arbitrary<Json> = fc.oneof(
  value.filter((one) => one !== null),
  fc.record({ $eq: value }),
  fc.record({ $ne: value }),
  fc.record({ $in: fc.array(value, { maxLength: 3 }) }),
  fc.record({ $nin: fc.array(value, { maxLength: 3 }) }),
  fc.record({ $exists: fc.boolean() }),
)
const compared: fc.Arbitrary<Json> = fc.record({ $gte: number, $lt: number })
/** What only JavaScript compares: SQL lets nobody through. */
const undecided: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  { $gt: 'a' },
  { $regex: 'a' },
  { $eq: [1] },
  [1],
)
const conditions = (field: fc.Arbitrary<JsonObject>) =>
  fc.letrec<{ condition: JsonObject }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      field,
      fc.record({ $and: fc.array(tie('condition'), { maxLength: 2 }) }),
      fc.record({ $or: fc.array(tie('condition'), { maxLength: 2 }) }),
      fc.record({ $not: tie('condition') }),
    ),
  })).condition
const known = fc.oneof(fc.dictionary(name, decided, { maxKeys: 2 }), fc.record({ age: compared }))
const any = fc.oneof(known, fc.dictionary(name, fc.oneof(decided, compared, undecided), { maxKeys: 2 }))
const person = (id: string, wants: fc.Arbitrary<Json>) =>
  fc
    .record({
      age: fc.option(number, { nil: undefined }),
      town: fc.option(value, { nil: undefined }),
      wants: fc.option(wants, { nil: undefined }),
      tags: fc.subarray(['a', 'b', 'c']),
    })
    .map(
      ({ tags, ...attributes }): Participant => ({
        id,
        tags,
        attributes: JSON.parse(JSON.stringify(attributes)) as JsonObject,
      }),
    )
const pairs = (wants: fc.Arbitrary<Json>) =>
  fc.array(fc.tuple(person('a', wants), person('b', wants)), { minLength: 60, maxLength: 60 })

it('of every wish that SQL decides; and whoever fits in SQL fits here, whatever the wish', async () => {
  for (const [wants, same] of [
    [conditions(known), true],
    [conditions(any), false],
  ] as const)
    await fc.assert(
      fc.asyncProperty(pairs(wants), async (asked) => {
        const [sql, typescript] = [await inSql(asked), inTypeScript(asked)]
        const differs = (fits: boolean, i: number) => fits !== typescript[i] && (same || fits)
        expect(asked.filter((_, i) => differs(sql[i]!, i))).toEqual([])
        expect(sql.includes(true) && sql.includes(false)).toBe(true)
      }),
      { numRuns: 10, endOnFailure: true },
    )
})

it('of what is no wish at all: it fits nobody, and breaks nothing', async () => {
  const broken: Json[] = [
    null,
    5,
    'x',
    true,
    [],
    [{}],
    { $and: 5 },
    { $or: 'x' },
    { $or: [3] },
    { $not: 7 },
    { age: [] },
    { age: {} },
    { age: { $gt: {} } },
    { $what: 1 },
  ]
  const asked = broken.map((wants): [Participant, Participant] => [
    { id: 'a', tags: [], attributes: { wants, age: 3 } },
    { id: 'b', tags: [], attributes: { age: 3 } },
  ])
  const sql = await inSql(asked)
  expect(sql).toEqual(broken.map(() => false))
  // Here it may pass: what the job lets through is asked again in SQL.
  expect(inTypeScript(asked)).toHaveLength(broken.length)
})
