/** Connects a client: its queue to the collector, and to the queues of the other tabs. */
import type { Environment } from './environment.ts'
import type { defaults, Options } from './options.ts'
import type { Channel } from './page/tabs.ts'
import { createQueue, type Queue, type QueueOptions } from './queue.ts'

/** The address of a path of the collector's, with the key. */
export function addressOf({ host, key }: Pick<Options, 'key' | 'host'>, path: string): string {
  return `${`${host}`.replace(/\/+$/, '')}${path}?key=${key}`
}

/** Makes the queue of one tab, and the channel on which tabs tell each other what was delivered. */
export function connect(
  settings: typeof defaults & Pick<Options, 'key' | 'host'>,
  environment: Environment,
  mine: Pick<QueueOptions, 'tab' | 'id' | 'emit' | 'memory'>,
): { queue: Queue; channel: Channel } {
  const channel = environment.channel((ids) => queue.forget(ids))
  const queue = createQueue({
    ...environment,
    ...settings,
    ...mine,
    turn: environment.turn(mine.tab),
    url: addressOf(settings, settings.path),
    tell: channel.post,
  })
  return { queue, channel }
}
