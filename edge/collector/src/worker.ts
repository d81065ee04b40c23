/** The worker of a collector that lives long: works soon after a commit, and on a timer besides. */

/** What to run, and when. */
export interface WorkerOptions {
  /** Works until nothing is left; answers whether it got there. Must not reject. */
  run: () => Promise<boolean>
  /** How long after a commit, in ms, so that several share a run. */
  wakeMs: number
  /** How long it rests when nobody wakes it, in ms. */
  idleMs: number
}

/** A worker that rests or works. */
export interface Worker {
  /** There is something to do. */
  wake(): void
  /** Starts nothing more, and waits for what runs. */
  close(): Promise<void>
}

const firstPauseMs = 1_000
/** A database that is away for an hour is not asked every second. */
const longestPauseMs = 60_000

/**
 * Starts one; it looks for work that was left behind within a second. After a run that failed it pauses, longer each
 * time and at random, and no commit ends a pause: a database that is down is not asked in a loop. Its timers keep
 * no process alive.
 */
export function startWorker({ run, wakeMs, idleMs }: WorkerOptions): Worker {
  let state: 'resting' | 'waking' | 'working' | 'pausing' | 'closed' = 'resting'
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let again = false
  let pauseMs = 0

  function schedule(next: 'resting' | 'waking' | 'pausing', ms: number): void {
    state = next
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = work()
    }, ms)
    // A Worker's timer is a number.
    ;(timer as { unref?(): void }).unref?.()
  }

  async function work(): Promise<void> {
    state = 'working'
    again = false
    const done = await run()
    if ((state as string) === 'closed') return
    pauseMs = done ? 0 : Math.min(Math.max(pauseMs * 2, firstPauseMs), longestPauseMs)
    if (pauseMs > 0) schedule('pausing', pauseMs * (0.5 + Math.random() / 2))
    else if (again) schedule('waking', wakeMs)
    else schedule('resting', idleMs)
  }

  schedule('resting', Math.min(idleMs, firstPauseMs))
  return {
    wake() {
      again = true
      if (state === 'resting') schedule('waking', wakeMs)
    },
    async close() {
      state = 'closed'
      clearTimeout(timer)
      await running
    },
  }
}
