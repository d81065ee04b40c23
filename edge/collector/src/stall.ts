/** Notices when the event loop stood still, so that the load balancer can be told. */

/** What a heartbeat found. */
export interface StallWatch {
  /** Whether the loop stood still within the last seconds. */
  stalled(): boolean
  stop(): void
}

const beatMs = 250
const stallMs = 1_000
const rememberMs = 5_000

/**
 * Starts a heartbeat. A beat that comes more than a second late was kept waiting by a stalled loop.
 *
 * @param now a clock in ms
 */
export function watchStalls(now: () => number): StallWatch {
  let last = now()
  let until = 0
  const beat = (): void => {
    const time = now()
    if (time - last > beatMs + stallMs) until = time + rememberMs
    last = time
  }
  const timer = setInterval(beat, beatMs)
  // On Node a heartbeat alone must not keep the process alive.
  ;(timer as { unref?(): void }).unref?.()
  return {
    stalled() {
      beat()
      return now() < until
    },
    stop: () => clearInterval(timer),
  }
}
