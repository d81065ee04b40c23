/** Tries a call to the database again where its failure may pass, and gives up on one that hangs. */
import { failureOf } from './failure.ts'

/** How patient to be. */
export interface Patience {
  /** The longest time one attempt may take, in ms. */
  timeoutMs: number
  /** Attempts in all. @default 3 */
  attempts?: number
  /** The longest pause before the second attempt, in ms; doubles, with full jitter. @default 100 */
  pauseMs?: number
}

class Timeout extends Error {
  override name = 'Timeout'
}

function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Timeout(`The database took longer than ${ms} ms.`)), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * Runs `call`, again after failures that may pass. An attempt that timed out is not repeated: it may still be
 * running, and another would only wait behind it. `call` must be one that may safely run twice.
 *
 * @throws what the last attempt threw
 */
export async function retry<Result>(call: () => Promise<Result>, patience: Patience): Promise<Result> {
  const { timeoutMs, attempts = 3, pauseMs = 100 } = patience
  for (let attempt = 1; ; attempt++) {
    try {
      return await within(timeoutMs, call())
    } catch (error) {
      if (attempt >= attempts || error instanceof Timeout || failureOf(error) !== 'passing') throw error
      await new Promise((resume) => setTimeout(resume, Math.random() * pauseMs * 2 ** (attempt - 1)))
    }
  }
}
