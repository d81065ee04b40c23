/** Checks namespaces: two experiments that run in one must not share a part of it. */
import { isMembers, listAt, type Members, membersAt, type Say } from './report.ts'

const quiet: Say = () => {}

/** A part of a namespace that an experiment takes. */
interface Part {
  owner: string
  path: string
  /** Which experiment it is, counted as they are written. */
  order: number
  start: number
  end: number
}

/** The parts that are taken, by namespace: those with one name may still be cut in different ways. */
function partsOf(experiments: Members): Map<string, { name: string; parts: Part[] }> {
  const spaces = new Map<string, { name: string; parts: Part[] }>()
  for (const [order, [owner, value]] of Object.entries(experiments).entries()) {
    const { status, namespaces, attribute = 'anonymousId' } = membersAt(quiet, '', value)
    if (status !== 'running' && status !== 'paused') continue
    for (const [i, one] of listAt(quiet, '', namespaces).entries()) {
      if (!isMembers(one) || one['holdout'] || typeof one['name'] !== 'string') continue
      const { name, seed, hashVersion = 3 } = one
      const key = JSON.stringify([name, seed, hashVersion, one['attribute'] ?? attribute])
      const space = spaces.get(key) ?? { name: one['name'], parts: [] }
      spaces.set(key, space)
      for (const range of listAt(quiet, '', one['ranges'])) {
        const [start, end] = listAt(quiet, '', range) as number[]
        if (typeof start !== 'number' || typeof end !== 'number' || !(start < end)) continue
        space.parts.push({ owner, path: `experiments.${owner}.namespaces.${i}.ranges`, order, start, end })
      }
    }
  }
  return spaces
}

/** Says every experiment that takes what an earlier one has. Sorted, so that many parts take little time. */
export function checkOverlaps(say: Say, experiments: Members): void {
  for (const { name, parts } of partsOf(experiments).values()) {
    const said = new Set<string>()
    // Of those that begin before: the one that reaches furthest, and the furthest of anybody else.
    let far: Part | undefined
    let next: Part | undefined
    for (const part of parts.sort((a, b) => a.start - b.start)) {
      const other = far?.owner === part.owner ? next : far
      if (other && other.end > part.start) {
        const [early, late] = part.order < other.order ? [part, other] : [other, part]
        const text = `overlaps with that of ${early.owner} in the namespace ${name}. Give each its own part.`
        if (!said.has(late.path + text)) say(late.path, text)
        said.add(late.path + text)
      }
      if (!far || part.end > far.end) {
        if (far && far.owner !== part.owner) next = far
        far = part
      } else if (part.owner !== far.owner && (!next || part.end > next.end)) next = part
    }
  }
}
