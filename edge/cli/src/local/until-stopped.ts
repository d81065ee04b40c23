/** Waits for Ctrl-C, SIGTERM or a closed terminal, then stops in order; a second Ctrl-C stops at once. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Resolves when the process was told to stop and `stop` is done.
 *
 * @param stop finishes what is under way
 */
export async function untilStopped(stop: () => Promise<void>): Promise<void> {
  // Output that nobody reads any more (a closed terminal or pipe) must not stop the events.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {})
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve())
  })
  // Whoever presses again does not want to wait.
  for (const signal of signals) process.on(signal, () => process.exit(130))
  await stop()
}
