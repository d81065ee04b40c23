/** Runs named commands one after the other, shows what they print, and says which failed. */
import { spawnSync } from 'node:child_process'

export interface Step {
  name: string
  /** A program of node_modules/.bin (or the PATH) and its arguments. */
  command: [string, ...string[]]
}

/** Runs every step, also after a failure, so that one run shows everything that is wrong. */
export function runSteps(steps: Step[]): { passed: number; failed: string[] } {
  const failed: string[] = []
  for (const { name, command } of steps) {
    const started = Date.now()
    console.log(`\n── ${name}`)
    const [program, ...args] = command
    const done = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32' })
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    if (done.status === 0) console.log(`── ${name}: ok, ${seconds} s`)
    else {
      failed.push(name)
      console.error(
        `── ${name}: FAILED (${done.error?.message ?? `exit ${done.status ?? done.signal}`}), ${seconds} s`,
      )
    }
  }
  return { passed: steps.length - failed.length, failed }
}
