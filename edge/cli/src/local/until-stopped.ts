/** Waits for Ctrl-C (or SIGTERM), then stops in order; a second one stops at once. */

/**
 * Resolves when the process was told to stop and `stop` is done.
 *
 * @param stop finishes what is under way
 */
export async function untilStopped(stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        // Whoever presses again does not want to wait.
        for (const again of ['SIGINT', 'SIGTERM'] as const) process.on(again, () => process.exit(130))
        resolve()
      })
  })
  await stop()
}
