/** A collector as a process of its own: the real program, or one with a protection taken out. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A protection of the collector that a control takes out. */
export type CollectorWithout = 'commit' | 'isolation' | 'skew' | 'drain'

/** A running program. */
export interface CollectorProcess {
  port: number
  /** Its log, line by line. */
  log: string[]
  /** Asks it to stop. @returns its exit code, and how long it took in ms */
  stop(): Promise<{ code: number | null; ms: number }>
  /** Lets its event loop stand still for so long, in ms: everything that comes meanwhile has to wait. */
  stall(ms: number): Promise<void>
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>
}

const real = join(import.meta.dirname, '../../../edge/collector/deploy/node/main.ts')
const weakened = join(import.meta.dirname, '../variants/collector.ts')
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts one over the database at `url`. */
export async function startCollector(url: string, without?: CollectorWithout): Promise<CollectorProcess> {
  const child = spawn(process.execPath, [without ? weakened : real], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url, PORT: '0', ...(without && { WITHOUT: without }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const log: string[] = []
  const ended = once(child, 'exit').then(() => running.delete(child))
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      log.push(line)
      const found = /"listening".*"url":"[^"]*:(\d+)"/.exec(line)
      if (found) resolve(Number(found[1]))
    })
    ended.then(() => reject(new Error(`The collector did not start: ${log.join('\n')}`)))
  })
  return {
    port,
    log,
    async stop() {
      const from = Date.now()
      child.kill('SIGTERM')
      await ended
      return { code: child.exitCode, ms: Date.now() - from }
    },
    async stall(ms) {
      child.kill('SIGSTOP')
      await sleep(ms)
      child.kill('SIGCONT')
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
