/** Follows the page as it comes and goes. */
import type { Environment } from './environment.ts'
import type { Hooks } from './hooks.ts'
import type { Channel } from './page/tabs.ts'
import type { Queue } from './queue.ts'

/**
 * Hands events over when the page leaves, and goes on when it is back.
 *
 * @param open whether events may be sent
 * @returns stops following
 */
export function follow(
  environment: Environment,
  run: Hooks['run'],
  queue: Queue,
  channel: Channel,
  open: () => boolean,
): () => void {
  return environment.watch((phase) => {
    const away = phase === 'leave' || phase === 'gone'
    if (away) run('leave')
    else run('show', phase === 'restored')
    // Without consent the page's coming and going touches neither the store nor the network.
    if (open()) away ? queue.leave() : phase === 'online' ? queue.flush() : queue.show()
    channel.open(open() && phase !== 'gone')
  })
}
