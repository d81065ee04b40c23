/** The browser as the client's environment. */
import type { Context } from '@nunchi/protocol'
import type { Environment } from './environment.ts'
import { browserContext, currentPage } from './page/context.ts'
import { watchPage } from './page/lifecycle.ts'
import { openLocal } from './page/local.ts'
import { indexedDbStore } from './page/store.ts'
import { openChannel, openTurn } from './page/tabs.ts'
import { fetchTransport } from './transport/fetch.ts'
import { gzip } from './transport/gzip.ts'
import { offline } from './transport/offline.ts'
import { retry } from './transport/retry.ts'

type Idle = (work: () => void, options: { timeout: number }) => unknown

interface Modern {
  requestIdleCallback?: Idle
}

/** What a browser may say for its visitor. */
interface Signals {
  globalPrivacyControl?: boolean
  doNotTrack?: string | null
}

/**
 * Makes the browser's environment; touches nothing of the page until it is used.
 *
 * @param name names the store, the lock and the channel that tabs share
 */
export function browser(name: string): Environment {
  const local = openLocal(name)
  const send = fetchTransport()
  let context: Context | undefined
  const present = typeof document !== 'undefined'
  return {
    present,
    local,
    store: indexedDbStore(name),
    send: offline(retry(gzip(send), local)),
    turn: (tab) => openTurn(name, local, tab),
    channel: (hear) => openChannel(name, hear),
    beacon(url, body) {
      try {
        return navigator.sendBeacon(url, body)
      } catch {
        // Not in this browser, or broken by something on the page.
        send({ url, body, leaving: true })
        return true
      }
    },
    context() {
      try {
        context ??= browserContext()
      } catch {
        // A broken time zone, say: an event is worth more than what surrounds it.
      }
      return context ?? {}
    },
    page: () => (present ? currentPage() : undefined),
    // Safari has no requestIdleCallback; a timer takes what is not a number for no time at all.
    idle: (work) =>
      ((window as Modern).requestIdleCallback ?? (setTimeout as unknown as Idle))(work, { timeout: 1000 }),
    watch: watchPage,
    refused: ({ gpc, dnt }, signals: Signals = navigator) =>
      (gpc && !!signals.globalPrivacyControl) || (dnt && signals.doNotTrack === '1'),
  }
}
