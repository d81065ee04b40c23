/** What models read of people who take part: bounded, whatever somebody writes into a profile. */
import type { Json } from '@nunchi/protocol'
import type { Person } from '@nunchi/recs'
import type { Participant } from './wishes.ts'

type Value = Person['profile'][string]

/** The most attributes that are compared: those that most people have. */
const mostAttributes = 60
/** The most values of a list that are compared, and the most characters of each. */
const mostValues = 50
const mostLetters = 200
/** Numbers beyond it are nobody's age or height, and their squares would be infinite. */
const mostNumber = 1e100

/** Numbers, texts, truths, and lists of texts; anything else is not compared. */
function readable(value: Json): Value {
  if (typeof value === 'number') return Math.abs(value) <= mostNumber ? value : undefined
  if (typeof value === 'string') return value.slice(0, mostLetters)
  if (typeof value === 'boolean') return value
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) return undefined
  return value.slice(0, mostValues).map((one) => one.slice(0, mostLetters))
}

/** The attributes that at least two people have, the most frequent ones. */
function common(people: readonly Participant[]): string[] {
  const counts = new Map<string, number>()
  for (const { attributes } of people)
    for (const [name, value] of Object.entries(attributes))
      if (!['wants', 'private', 'tags'].includes(name) && readable(value) !== undefined)
        counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count > 1)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostAttributes)
    .map(([name]) => name)
}

/** Everybody as a model reads them, in the same order; tags are an attribute of that name. */
export function profiles(people: readonly Participant[]): Person[] {
  const names = common(people)
  return people.map(({ id, tags, attributes }) => {
    // Without a prototype: an attribute may be called "constructor" or "__proto__".
    const profile: { [name: string]: Value } = Object.create(null)
    for (const name of names) if (Object.hasOwn(attributes, name)) profile[name] = readable(attributes[name]!)
    profile['tags'] = readable(tags)
    return { id, profile }
  })
}

/** How much two people have in common, from 0 to 1, by their numbers among all. */
export type Alike = (one: number, other: number) => number

/**
 * Jaccard's index over tags, texts, truths and the values of lists; numbers count where they are near. What lists are
 * ordered by before anything was decided.
 */
export function alikeness(persons: readonly Person[], near: (attribute: string) => number): Alike {
  const traits = persons.map(({ profile }) => {
    const values = new Set<string>()
    const numbers = new Map<string, number>()
    for (const [name, value] of Object.entries(profile))
      if (typeof value === 'number') numbers.set(name, value)
      else for (const one of [value ?? []].flat()) values.add(JSON.stringify([name, one]))
    return { values, numbers: [...numbers] as const, byName: numbers }
  })
  return (one, other) => {
    const [a, b] = [traits[one]!, traits[other]!]
    let [common, all] = [0, a.values.size + b.values.size]
    for (const value of a.values) if (b.values.has(value)) common++
    all -= common
    for (const [name, value] of a.numbers) {
      const theirs = b.byName.get(name)
      if (theirs === undefined || Math.abs(value - theirs) > near(name)) continue
      common++
      all++
    }
    return all === 0 ? 0 : common / all
  }
}
