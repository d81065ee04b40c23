/** Runs a program of Postgres (pg_dump, pg_restore) and tells its failure in its own last words. */
import { spawn } from 'node:child_process'

/** How to run it. */
export interface RunOptions {
  args: string[]
  /** Added to this process's own environment. */
  env?: Record<string, string>
  /** Reads what it writes; by default that is thrown away. */
  read?(output: AsyncIterable<Uint8Array>): Promise<void>
}

/** Thrown where the program failed; the message is what it said. */
export class ProgramError extends Error {
  override name = 'ProgramError'
}

/** Its last words, without the program's name before each line. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^pg_\w+: (error: )?/, '').trim())
  const said = lines.filter((line) => line !== '' && !/^(hint|detail):/i.test(line))
  return said.slice(-2).join('; ').slice(0, 500)
}

/** Runs `program` to its end. */
export async function runProgram(program: string, { args, env, read }: RunOptions): Promise<void> {
  const child = spawn(program, args, {
    env: { ...process.env, LC_ALL: 'C', ...env },
    stdio: ['ignore', read ? 'pipe' : 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk).slice(-10_000)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [code] = await Promise.all([ended, read?.(child.stdout!)])
  if (code !== 0) throw new ProgramError(lastWords(stderr) || `it ended with ${code}`)
}
