/** The collector's program in a process of its own, and what it says. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A collector that runs. */
export interface Program {
  url: string
  pid: number
  /** Lines of level error, and lines that are no log at all. */
  faults: string[]
  /** Ends it in order. */
  stop(): Promise<void>
}

const main = join(import.meta.dirname, '../../deploy/node/main.ts')

/**
 * What docs/deploy.md advises for the memory of a collector's process. Without it V8 makes its heap larger the
 * more memory the machine has, and takes minutes of full load to find its size.
 */
export const memoryFlags: string[] = ['--max-old-space-size=128', '--max-semi-space-size=8']

/** Starts it on a free port, with flags of Node's. */
export async function startProgram(databaseUrl: string, flags: string[] = []): Promise<Program> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, main], {
    // Each simulated visitor has an address of its own, as behind a proxy.
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, PORT: '0', TRUSTED_PROXIES: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const abandon = () => child.kill('SIGKILL')
  process.once('exit', abandon)
  const faults: string[] = []
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  createInterface({ input: child.stderr }).on('line', (line) => faults.push(line))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('close', () => reject(new Error(`The collector did not start: ${faults.join(' ')}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = read(line)
      if (said?.message === 'listening' && said.url) resolve(said.url)
      if (!said || said.level === 'error') faults.push(line)
    })
  })
  return {
    url,
    pid: child.pid!,
    faults,
    async stop() {
      process.off('exit', abandon)
      child.kill('SIGTERM')
      await ended
    },
  }
}

function read(line: string): { level?: string; message?: string; url?: string } | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
