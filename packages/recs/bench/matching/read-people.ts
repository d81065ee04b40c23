/** Reads people and their dates, whatever the columns are called. */

import type { Person, Profile } from '../../src/index.ts'
import { readTable } from '../read-csv.ts'

/** Two people who met, and what both decided. */
export interface Meeting {
  one: Person
  other: Person
  /** Whether each said yes to the other. */
  oneYes: boolean
  otherYes: boolean
  fold: number
}

/** Columns of numbers that name a kind rather than a size. */
const codes = /^(race|goal|.*_cd|.*_c)$/
/** What is no part of a profile: who somebody is, and at which evening they were. */
const apart = /^(id|iid|pid|person|gender|side|wave|event|group)$/i

function profileOf(row: { [column: string]: string }): Profile {
  const kept = Object.entries(row).filter(([name]) => !apart.test(name))
  return Object.fromEntries(
    kept.map(([name, text]) => {
      if (text === '') return [name, null]
      const value = Number(text)
      return [name, codes.test(name) || Number.isNaN(value) ? text : value]
    }),
  )
}

/** People by id, with the evening they came to. */
export async function readPeople(path: string): Promise<Map<string, Person>> {
  const people = new Map<string, Person>()
  for (const row of await readTable(path)) {
    const id = row['iid'] ?? row['id']
    if (!id) throw new RangeError(`${path} has no column "iid" or "id".`)
    const side = row['gender'] ?? row['side']
    people.set(id, { id, ...(side === undefined ? {} : { side }), profile: profileOf(row) })
  }
  return people
}

/** Dates with both decisions and a fold; a date with someone who is not among the people is left out. */
export async function readMeetings(path: string, people: ReadonlyMap<string, Person>): Promise<Meeting[]> {
  const rows = await readTable(path)
  const columns = Object.keys(rows[0] ?? {})
  const [one, other] = columns.filter((name) => /(_iid|_id)$|^(a|b|from|to)$/i.test(name))
  const [oneYes, otherYes] = columns.filter((name) => /_yes$/i.test(name))
  if (!one || !other || !oneYes || !otherYes)
    throw new RangeError(
      `${path} needs two columns of ids (such as woman_iid, man_iid) and two of decisions (woman_yes, man_yes); it has ${columns.join(', ') || 'none'}.`,
    )
  return rows.flatMap((row, i) => {
    const [a, b] = [people.get(row[one]!), people.get(row[other]!)]
    const fold = Number(row['fold'] ?? i % 5)
    return a && b
      ? [{ one: a, other: b, oneYes: row[oneYes] === '1', otherYes: row[otherYes] === '1', fold }]
      : []
  })
}
