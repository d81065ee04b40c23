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
  fold: string
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

/** Whose decision a column is, by its name: `man_yes` is of `man_iid`, wherever the two stand. */
function decisionOf(id: string, columns: readonly string[]): string | undefined {
  const whose = id.replace(/_i?id$/i, '').toLowerCase()
  return columns.find((name) => name.toLowerCase() === `${whose}_yes`)
}

/** As tables and programs write it. */
function decision(text: string, at: string): boolean {
  if (/^(1(\.0+)?|true|yes)$/i.test(text)) return true
  if (/^(0(\.0+)?|false|no)$/i.test(text)) return false
  throw new RangeError(`${at} is ${JSON.stringify(text)}; a decision is 1 or 0.`)
}

/** Dates with both decisions and a fold; a date with someone who is not among the people is left out. */
export async function readMeetings(path: string, people: ReadonlyMap<string, Person>): Promise<Meeting[]> {
  const rows = await readTable(path)
  const columns = Object.keys(rows[0] ?? {})
  const [one, other] = columns.filter((name) => /(_iid|_id)$|^(a|b|from|to)$/i.test(name))
  const [oneYes, otherYes] = [one, other].map((id) => decisionOf(id ?? '', columns))
  if (!one || !other || !oneYes || !otherYes)
    throw new RangeError(
      `${path} needs two columns of ids (such as woman_iid, man_iid) and two of decisions (woman_yes, man_yes); it has ${columns.join(', ') || 'none'}.`,
    )
  return rows.flatMap((row, i) => {
    const [a, b] = [people.get(row[one]!), people.get(row[other]!)]
    if (!a || !b) return []
    const said = (column: string) => decision(row[column]!, `${path}, row ${i + 1}, ${column}`)
    const fold = row['fold'] ?? String(i % 5)
    return [{ one: a, other: b, oneYes: said(oneYes), otherYes: said(otherYes), fold }]
  })
}
