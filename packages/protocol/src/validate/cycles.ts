/** Checks what flags wait for: no circle, no chain that a page could not follow, and no knot of ways that would hold it up. */
import { isMembers, listAt, type Members, membersAt, type Say } from './report.ts'

/** The longest chain of prerequisites; each link is evaluated within the one before. */
const longest = 100

/** The most evaluations that asking for one flag may cost: two prerequisites on each of 30 links would be a billion. */
const most = 100_000

const quiet: Say = () => {}

/** The flags that a flag waits for: those of its rules, and those of the experiments that they name. */
function waitsFor(flag: unknown, experiments: Members): string[] {
  return listAt(quiet, '', isMembers(flag) ? flag['rules'] : []).flatMap((rule) => {
    const { prerequisites, experiment } = membersAt(quiet, '', rule)
    const tested =
      typeof experiment === 'string' && Object.hasOwn(experiments, experiment) ? experiments[experiment] : {}
    const others = listAt(quiet, '', membersAt(quiet, '', tested)['prerequisites'])
    return [...listAt(quiet, '', prerequisites), ...others]
      .map((one) => membersAt(quiet, '', one)['flag'])
      .filter((flag) => typeof flag === 'string')
  })
}

/** A flag on the way down, and those it waits for that were not looked at yet. */
interface Step {
  key: string
  left: string[]
  /** How long the longest chain below it is. */
  depth: number
  /** How many evaluations it costs at most, itself included; infinite where a flag below was told of. */
  ways: number
}

/** Says every flag that waits for itself, and every one that waits for too many. A list of steps, so that no depth of chain is too deep. */
export function checkCycles(say: Say, flags: Members, experiments: Members): void {
  const done = new Map<string, Step>()
  const steps: Step[] = []
  const on = new Map<string, number>()
  const enter = (key: string) => {
    on.set(key, steps.length)
    steps.push({ key, left: waitsFor(flags[key], experiments), depth: 0, ways: 1 })
  }
  const add = (above: Step, { depth, ways }: Step) => {
    above.depth = Math.max(above.depth, depth + 1)
    above.ways += ways
  }
  const leave = (step: Step) => {
    const { key, depth, ways } = step
    steps.pop()
    on.delete(key)
    done.set(key, step)
    // Said once a chain, at the first that is too far up.
    if (depth === longest + 1)
      say(`flags.${key}`, `waits for a chain of more than ${longest} flags. Make it shorter.`)
    if (ways > most && Number.isFinite(ways))
      say(
        `flags.${key}`,
        `waits for others on more than ${most} ways, each of which is evaluated. Let fewer rules wait for flags that wait themselves.`,
      )
    if (ways > most) step.ways = Number.POSITIVE_INFINITY
    const above = steps.at(-1)
    if (above) add(above, step)
  }
  const follow = (step: Step, next: string) => {
    const from = on.get(next)
    const known = done.get(next)
    if (from !== undefined) {
      const circle = [...steps.slice(from).map(({ key }) => key), next]
      say(`flags.${next}`, `waits for itself: ${circle.join(' → ')}. Take one of these prerequisites away.`)
    } else if (known !== undefined) add(step, known)
    else if (Object.hasOwn(flags, next)) enter(next)
  }
  for (const key of Object.keys(flags)) {
    if (!done.has(key)) enter(key)
    for (let step = steps.at(-1); step; step = steps.at(-1)) {
      const next = step.left.pop()
      if (next === undefined) leave(step)
      else follow(step, next)
    }
  }
}
