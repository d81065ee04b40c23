/** Starts real programs for tests: waits for what they print, and ends them as an operator or a crash would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '..', 'src', 'bin.ts')

/** A program that runs. */
export interface Running {
  /** Everything that it has printed, on both outputs. */
  text(): string
  /** Waits until its text matches; fails with the text when it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a signal and answers the exit code, `null` where the signal itself ended it. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  /** Waits for its end. */
  code: Promise<number | null>
}

const quiet = { NO_COLOR: '1', NODE_OPTIONS: '--disable-warning=ExperimentalWarning' }
const running = new Set<ChildProcess>()

/** Runs a TypeScript program by this Node. The environment names no database unless `env` does. */
export function run(file: string, words: string[], env: Record<string, string> = {}): Running {
  const { DATABASE_URL: _1, NUNCHI_MIGRATE_URL: _2, NUNCHI_DATA: _3, ...rest } = process.env
  const child = spawn(process.execPath, [file, ...words], {
    env: { ...rest, ...quiet, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let text = ''
  const heard = new Set<() => void>()
  const hear = (chunk: Buffer) => {
    text += chunk
    for (const listener of heard) listener()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const code = new Promise<number | null>((resolve) =>
    child.once('close', (ended) => {
      running.delete(child)
      resolve(ended)
      for (const listener of heard) listener()
    }),
  )
  return {
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text)
          if (!match && running.has(child)) return
          heard.delete(look)
          if (match) resolve(match)
          else reject(new Error(`It ended without printing ${pattern}; it printed:\n${text}`))
        }
        heard.add(look)
        look()
      }),
    end(signal) {
      child.kill(signal)
      return code
    },
    code,
  }
}

/** Runs `nunchi` with these words. */
export function nunchi(words: string[], env?: Record<string, string>): Running {
  return run(bin, words, env)
}

/** Ends whatever a test left behind. */
export async function endAll(): Promise<void> {
  const ends = [...running].map((child) => new Promise((gone) => child.once('close', gone)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(ends)
}

/** A port that is free now, and the next one too. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if ((await listenable(port)) && (await listenable(port + 1))) return port
  }
}

function listenable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
