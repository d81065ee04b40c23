/** The seam between the client and the world it runs in: a browser, a server, a test. */
import type { Context, Page } from '@nunchi/protocol'
import type { Phase } from './page/lifecycle.ts'
import type { Local } from './page/local.ts'
import type { Channel, Turn } from './page/tabs.ts'
import type { Store } from './store.ts'
import type { Transport } from './transport/transport.ts'

/** All that the client needs of the world. */
export interface Environment {
  /** False where there is no page (a component rendered on a server): then nothing is recorded. */
  present: boolean
  local: Local
  store: Store
  send: Transport
  /** The right to send, among all tabs. */
  turn(tab: string): Turn
  /** Where tabs tell each other which events were delivered. */
  channel(hear: (ids: string[]) => void): Channel
  /** Hands a body over for delivery after the page; false where it was not taken. */
  beacon(url: string, body: string): boolean
  /** What a batch says about the device. */
  context(): Context
  /** Where the visitor is; nothing on a server. */
  page(): Page | undefined
  /** Runs work when there is time for it, within about a second. */
  idle(work: () => void): void
  /** Watches the page come and go. @returns stops watching */
  watch(listener: (phase: Phase) => void): () => void
  /** Whether the visitor's browser signals what is to be taken for a refusal. */
  refused(heeded: { gpc: boolean; dnt: boolean }): boolean
}
