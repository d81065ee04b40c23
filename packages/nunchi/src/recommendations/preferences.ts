/** Preference signals: which tags the visitor turns to, from what they did with items. */
import { type Known, likedOf } from './history.ts'

/** The most tags that are told. */
const most = 5

/** The shares of the tags liked most, from 0 to 1 with two digits, the strongest first. */
export function preferences(
  done: readonly Known[],
  tagsOf: (item: string) => readonly string[] | undefined,
): { [tag: string]: number } {
  const byItem = new Map<string, Known[]>()
  for (const one of done) byItem.set(one.item, [...(byItem.get(one.item) ?? []), one])
  const tags = new Map<string, number>()
  let sum = 0
  for (const [item, all] of byItem) {
    const weight = Math.max(0, likedOf(all))
    for (const tag of tagsOf(item) ?? all[all.length - 1]?.tags ?? []) {
      tags.set(tag, (tags.get(tag) ?? 0) + weight)
      sum += weight
    }
  }
  const best = [...tags].filter(([, weight]) => weight > 0).sort(([, a], [, b]) => b - a)
  return Object.fromEntries(
    best.slice(0, most).map(([tag, weight]) => [tag, Math.round((weight / sum) * 100) / 100]),
  )
}
