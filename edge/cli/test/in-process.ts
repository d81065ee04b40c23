/** Runs the CLI within the test's own process, so that what it prints can be read and its lines are covered. */
import { vi } from 'vitest'
import { main } from '../src/main.ts'

/** What a run printed and how it ended. */
export interface Ran {
  code: number
  out: string
  err: string
}

/** Runs `nunchi` with these words. */
export async function cli(...words: string[]): Promise<Ran> {
  let out = ''
  let err = ''
  const outputs = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += text
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err += text
      return true
    }),
  ]
  try {
    const code = await main(words)
    return { code, out, err }
  } finally {
    for (const output of outputs) output.mockRestore()
  }
}
