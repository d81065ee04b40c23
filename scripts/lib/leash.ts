/** Ends this process in good order when the one that started it is gone, however that ended. */

/** Sends this process SIGTERM once its parent's channel closes; does nothing where there is no channel. */
export function leash(): void {
  if (!process.channel) return
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
