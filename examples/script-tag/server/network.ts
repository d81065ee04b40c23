/** The switch behind "collector off": really closes the collector's port, and opens it again. */
import type { Collector } from '@nunchi/collector'
import { type Serving, serveCollector } from '@nunchi/collector/node'

/** The collector's port. */
export interface Network {
  readonly down: boolean
  /** Closes the port and cuts every connection, or opens the port again; resolves when that is done. */
  set(down: boolean): Promise<void>
  /** Closes the port for good: takes no more, and finishes what is under way. */
  close(): Promise<void>
}

/**
 * Opens the port.
 *
 * @throws the listen error, such as `EADDRINUSE`
 */
export async function network(collector: Collector, port: number, host: string): Promise<Network> {
  // The collector lives on while its port is away, so that turning the switch closes nothing but the port.
  const lasting = { fetch: collector.fetch, drain() {}, async close() {} }
  const open = () => serveCollector({ collector: lasting, port, host })
  let serving: Serving | undefined = await open()
  let turning = Promise.resolve()

  async function turn(down: boolean): Promise<void> {
    if (down === (serving === undefined)) return
    const before = serving
    serving = undefined
    if (down) await before?.close(0)
    else serving = await open()
  }

  return {
    get down() {
      return serving === undefined
    },
    // One after the other: two fast clicks must not open the port twice.
    set(down) {
      turning = turning.catch(() => {}).then(() => turn(down))
      return turning
    },
    async close() {
      collector.drain()
      await serving?.close()
    },
  }
}
