/** Checks groups: each is a list, and those that many conditions name do not make the published config a thousand times as large. */
import { listAt, type Members, type Say } from './report.ts'

/** How many characters groups may come to where they are written out in place of their names. */
const most = 10_000_000

/** What is nested deeper is refused elsewhere. */
const deepest = 200

/** About as many characters as the JSON of a value has. */
function charactersOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null || depth > deepest) return 8
  return Object.values(value).reduce((sum: number, one) => sum + charactersOf(one, depth + 1), 2)
}

/** Counts how often each group is named below `value`. */
function count(value: unknown, named: Map<unknown, number>, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > deepest) return
  for (const [key, one] of Object.entries(value)) {
    if ((key === '$inGroup' || key === '$notInGroup') && typeof one === 'string')
      named.set(one, (named.get(one) ?? 0) + 1)
    else count(one, named, depth + 1)
  }
}

/** Says which groups are no lists, and the one with which all that is written out becomes too much. */
export function checkGroups(say: Say, groups: Members, flags: Members, experiments: Members): void {
  const named = new Map<unknown, number>()
  count(flags, named)
  count(experiments, named)
  let sum = 0
  for (const [key, group] of Object.entries(groups)) {
    const times = named.get(key) ?? 0
    const before = sum
    sum += times * charactersOf(listAt(say, `groups.${key}`, group))
    if (before <= most && sum > most)
      say(
        `groups.${key}`,
        `is written out ${times} times for pages, and with it groups come to more than ${most} characters. Make it shorter, or set an attribute of the visitor's in place of the list.`,
      )
  }
}
