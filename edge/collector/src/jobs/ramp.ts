/** The job that gives each ramp its turn: looks whether its guardrails hold, and moves it on or back. */
import { describeError, type Log } from '../log.ts'
import { type RampChange, runRamp } from '../ramps/run-ramp.ts'
import type { Storage } from '../storage/storage.ts'

/** How to run it. */
export interface RampJobOptions {
  /** Told of each change after its commit; at most once. What it throws is a warning in the log. */
  onRamp?: ((change: RampChange) => unknown) | undefined
  /**
   * How long a ramp is left alone after its turn, in ms, whoever gave it.
   * @default 60_000
   */
  restMs?: number
}

async function tell(change: RampChange, log: Log, onRamp: RampJobOptions['onRamp']): Promise<void> {
  const { reason, look: _look, ...rest } = change
  log[change.does === 'advance' || change.does === 'finish' ? 'info' : 'warn'](`ramp: ${reason.en}`, {
    ...rest,
  })
  try {
    await onRamp?.(change)
  } catch (error) {
    log.warn('onRamp failed; the change stands', { error: describeError(error) })
  }
}

/**
 * Gives every ramp that is due its turn. Any number of collectors may run it at the same moment: each ramp is claimed
 * by one, and a decision is written once. It never throws: a failure is a warning in the log, and the ramp is looked at
 * again after its rest.
 *
 * @returns whether all succeeded
 */
export async function runRamps(storage: Storage, log: Log, options: RampJobOptions = {}): Promise<boolean> {
  let ok = true
  try {
    for (const id of await storage.call<string[]>('claim_ramps', { leaseMs: options.restMs ?? 60_000 }))
      try {
        const change = await runRamp(storage, id)
        if (change) await tell(change, log, options.onRamp)
      } catch (error) {
        ok = false
        log.warn('a ramp could not be looked at; it is tried again', {
          ramp: id,
          error: describeError(error),
        })
      }
  } catch (error) {
    ok = false
    log.warn('ramps could not be looked at; it is tried again', { error: describeError(error) })
  }
  return ok
}
