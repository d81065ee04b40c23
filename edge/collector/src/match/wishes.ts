/** Whether people are what others look for: their `wants`, conditions as flags have them. */
import { type Compiled, type Condition, compile, evaluateFlag, type JsonObject } from '@nunchi/protocol'

/** Someone who takes part. */
export interface Participant {
  id: string
  tags: string[]
  attributes: JsonObject
}

/** Answers whether two people are what the other looks for. */
export type Fits = (one: Participant, other: Participant) => boolean

const seen = ({ id, tags, attributes: { wants: _, ...attributes } }: Participant): JsonObject => ({
  ...attributes,
  id,
  tags,
})

/** Compiles everybody's `wants` once. What cannot be understood fits nobody, as in SQL. */
export function fitting(people: readonly Participant[]): Fits {
  const flags = Object.fromEntries(
    people
      .filter(({ attributes }) => attributes['wants'] !== undefined)
      .map(({ id, attributes }) => [
        id,
        {
          type: 'boolean' as const,
          value: false,
          revision: 1,
          rules: [{ id: 'wants', value: true, condition: attributes['wants'] as Condition }],
        },
      ]),
  )
  const compiled: Compiled = compile({ version: 'wants', flags, experiments: {} })
  const profiles = new Map(people.map((one) => [one.id, seen(one)]))
  const likes = (one: Participant, other: Participant): boolean =>
    one.attributes['wants'] === undefined ||
    evaluateFlag(compiled, one.id, profiles.get(other.id) ?? seen(other)).value === true
  return (one, other) => likes(one, other) && likes(other, one)
}

/** The attributes that somebody's `wants` ask about. */
export function wantedAttributes({ attributes }: Participant): string[] {
  const { wants } = attributes
  return typeof wants === 'object' && wants !== null && !Array.isArray(wants)
    ? Object.keys(wants).filter((name) => !name.startsWith('$'))
    : []
}
