/** A Redis for a test, where the machine has one: it can be stopped in mid-air, killed and come again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { findProgram, freePort, listening } from './programs.ts'

/** A running Redis. */
export interface TestRedis {
  url: string
  /** Takes connections and commands, and answers none, until `resume()`. */
  freeze(): void
  resume(): void
  /** Ends at once. */
  kill(): Promise<void>
  /** Starts again on the same port, empty. */
  start(): Promise<void>
}

/** Where redis-server is, or `undefined`. */
export const findRedis = (): string | undefined => findProgram('redis-server')

/** Starts one that keeps nothing on disk. */
export async function startRedis(binary: string): Promise<TestRedis> {
  const port = await freePort()
  let server: ChildProcess | undefined
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    freeze: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    async kill() {
      const exit = new Promise((resolve) => server?.once('exit', resolve))
      server?.kill('SIGKILL')
      await exit
    },
    async start() {
      server = spawn(binary, ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
        stdio: 'ignore',
      })
      await listening(port, 'redis-server')
    },
  }
  await redis.start()
  return redis
}
