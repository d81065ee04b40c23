/** Follows the page as it comes and goes. */
import type { Environment } from './environment.ts'
import type { Hooks } from './hooks.ts'
import type { Channel } from './page/tabs.ts'
import type { Queue } from './queue.ts'

/** Who follows. */
export interface Followers {
  environment: Environment
  run: Hooks['run']
  queue: Queue
  channel: Channel
  /** Whether events may be stored and sent. */
  open(): boolean
}

/** Hands events over when the page leaves, and goes on when it is back. @returns stops following */
export function follow({ environment, run, queue, channel, open }: Followers): () => void {
  return environment.watch((phase) => {
    const away = phase === 'leave' || phase === 'gone'
    if (away) run('leave')
    else run('show', phase === 'restored')
    // Without consent the page's coming and going touches neither the store nor the network.
    if (open()) away ? queue.leave() : phase === 'online' ? queue.flush() : queue.show()
    channel.open(open() && phase !== 'gone')
  })
}
