/** Checks what flags wait for: no circle, and no chain that a page could not follow. */
import { isMembers, listAt, type Members, membersAt, type Say } from './report.ts'

/** The longest chain of prerequisites; each link is evaluated within the one before. */
const longest = 100

const quiet: Say = () => {}

/** The flags that a flag waits for: those of its rules, and those of the experiments that they name. */
function waitsFor(flag: unknown, experiments: Members): string[] {
  return listAt(quiet, '', isMembers(flag) ? flag['rules'] : []).flatMap((rule) => {
    const { prerequisites, experiment } = membersAt(quiet, '', rule)
    const tested = Object.hasOwn(experiments, experiment as string) ? experiments[experiment as string] : {}
    const others = listAt(quiet, '', membersAt(quiet, '', tested)['prerequisites'])
    return [...listAt(quiet, '', prerequisites), ...others].map(
      (one) => membersAt(quiet, '', one)['flag'] as string,
    )
  })
}

/** A flag on the way down, and those it waits for that were not looked at yet. */
interface Step {
  key: string
  left: string[]
  /** How long the longest chain below it is. */
  depth: number
}

/** Says every flag that waits for itself, and every one that waits for too many. A list of steps, so that no depth of chain is too deep. */
export function checkCycles(say: Say, flags: Members, experiments: Members): void {
  const depths = new Map<string, number>()
  const steps: Step[] = []
  const on = new Map<string, number>()
  const enter = (key: string) => {
    on.set(key, steps.length)
    steps.push({ key, left: waitsFor(flags[key], experiments), depth: 0 })
  }
  const leave = ({ key, depth }: Step) => {
    steps.pop()
    on.delete(key)
    depths.set(key, depth)
    const above = steps.at(-1)
    if (above) above.depth = Math.max(above.depth, depth + 1)
    // Said once a chain, at the first that is too far up.
    if (depth === longest + 1)
      say(`flags.${key}`, `waits for a chain of more than ${longest} flags. Make it shorter.`)
  }
  const follow = (step: Step, next: string) => {
    const from = on.get(next)
    const known = depths.get(next)
    if (from !== undefined) {
      const circle = [...steps.slice(from).map(({ key }) => key), next]
      say(`flags.${next}`, `waits for itself: ${circle.join(' → ')}. Take one of these prerequisites away.`)
    } else if (known !== undefined) step.depth = Math.max(step.depth, known + 1)
    else if (Object.hasOwn(flags, next)) enter(next)
  }
  for (const key of Object.keys(flags)) {
    if (!depths.has(key)) enter(key)
    for (let step = steps.at(-1); step; step = steps.at(-1)) {
      const next = step.left.pop()
      if (next === undefined) leave(step)
      else follow(step, next)
    }
  }
}
