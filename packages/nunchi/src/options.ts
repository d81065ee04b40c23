/** The options of the browser SDK and their defaults. */
import type { Plugin } from './plugin.ts'

/** What `createNunchi()` takes. */
export interface Options<Plugins extends readonly Plugin[] = readonly Plugin[]> {
  /** The project's public key, `nk_pub_…`. */
  key: string
  /** The collector's origin, such as `https://events.example.com`; a path before `/v1` is kept. */
  host: string
  /** Plugins, in the order in which they see events. @default [] */
  use?: Plugins
  /** The path of the events route, where the collector was given another. @default '/v1/events' */
  path?: string
  /** Names the store and the values on the device: one per project on the same site. @default 'nunchi' */
  name?: string
  /** How long an event waits for company before it is sent, in ms. @default 1000 */
  flushInterval?: number
  /** So many waiting events are sent without more delay. @default 50 */
  flushAt?: number
  /** How long without activity ends a visit, in ms. @default 1800000 */
  sessionTimeout?: number
  /** Treats a visitor's Global Privacy Control signal as a refusal. @default true */
  gpc?: boolean
  /** Treats a visitor's Do Not Track signal as a refusal, too. @default false */
  dnt?: boolean
  /** Says each event's way on the console, in development builds; in production add `debug()` to `use`. @default false */
  debug?: boolean
  /** The clock, in ms since the epoch. @default Date.now */
  now?: () => number
}

/** The defaults of everything that has one. */
export const defaults: Required<Omit<Options, 'key' | 'host' | 'debug'>> = {
  use: [],
  path: '/v1/events',
  name: 'nunchi',
  flushInterval: 1000,
  flushAt: 50,
  sessionTimeout: 1_800_000,
  gpc: true,
  dnt: false,
  now: () => Date.now(),
}
