/** What a page of the bench can be told to do: the face between the bench and the script in the page. */
import type { Client } from '../../../packages/nunchi/src/client.ts'

/** A protection of the SDK that a control takes out. */
export type PageWithout =
  | 'disk'
  | 'lock'
  | 'ack'
  | 'backoff'
  | 'timeout'
  | 'verdicts'
  | 'wipe'
  | 'abort'
  | 'own-identity'
  | 'memory'
  | 'keep'
  | 'unknown'

/** How a page makes its client. */
export interface StartOptions {
  key: string
  host: string
  without?: PageWithout | undefined
  /** @default 100 */
  flushInterval?: number
  /** Adds the consent plugin, granted from the start. */
  consent?: boolean
}

/** Ids of events whose promise has resolved, by what it said. */
export interface Tracked {
  durable: string[]
  /** In memory only, says their promise. */
  fleeting: string[]
}

/** `window.faults` of every page. */
export interface Faults {
  client: Client & { consent?: { grant(): void; deny(): void } }
  start(options: StartOptions): void
  /**
   * Tracks events named `prefix-0`, …, each with `bytes` of text, and waits for their promises.
   *
   * @param noise text that no database can compress
   */
  track(prefix: string, count: number, bytes: number, noise?: boolean): Promise<Tracked>
  /** Records so many exposures, as the experiments plugin does: to be given up last. */
  expose(count: number): Promise<Tracked>
  /** Tracks `count` events every `ms`, and tells the witness of each that is durable. */
  stream(ms: number, count: number): void
  /** Ends the stream, and waits for its promises. */
  halt(): Promise<void>
  /** Moves the page's clock, in ms from the true time. */
  clock(ms: number): void
}

/** What the witness outside of the page is told, at once. */
export type Testimony =
  | { stage: 'accepted' | 'sending' | 'acked' | 'beacon'; ids: string[] }
  | { stage: 'rejected'; ids: string[] }
  | { stage: 'failed'; ids: string[]; status: number }
  | { stage: 'dropped'; ids: string[]; reason: string }
