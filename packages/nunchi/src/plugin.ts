/** The seam between the client and its plugins. */
import type { Page } from '@nunchi/protocol'
import type { Client } from './client.ts'
import type { Report } from './errors.ts'
import type { Hooks, Marks } from './hooks.ts'
import type { Local } from './page/local.ts'
import type { Gate } from './recorder.ts'
import type { EventSchemas, StandardSchema, TypedTrack } from './typed-events.ts'
import type { Fields, RecordEvent } from './verbs.ts'

export type { EventSchemas, Fields, Marks, StandardSchema }

/** What a plugin is given. */
export interface PluginContext {
  client: Client
  /** What this project's values and databases on the device are named by: the option `name`. */
  name: string
  /** Small values beside nunchi's own, on the device only while the gate is open. */
  local: Local
  report: Report
  /** Hooks into events, into the page's coming and going, and into `reset()`. */
  on: Hooks['on']
  /**
   * Opens, holds or closes the way for all events; closing removes what is on the device.
   *
   * @returns how it is now; without a state nothing changes
   */
  gate(state?: Gate): Gate
  /**
   * Records an event, as the client's verbs do, with whatever fields it takes, the three contexts included:
   * `record('track', 'Experiment Viewed', () => ({ properties }), { keep: true })`. What is kept survives sampling,
   * and is given up last when the store is full: exposures are, and who somebody is.
   */
  record: RecordEvent
  /** The client's clock, in ms since the epoch. */
  now(): number
  /** Where the visitor is; nothing on a server. */
  page(): Page | undefined
  /** The address of a path of the collector's, such as `/v1/config`, with the key. */
  url(path: string): string
}

/** A plugin: its api appears on the client under its name. */
export interface Plugin<Name extends string = string, Api = unknown> {
  name: Name
  /** Set up before the others, wherever it stands in the list. @default false */
  first?: boolean
  /** For the compiler only: what its `setup()` puts on the client besides, under names of its own. */
  onClient?: object
  setup(context: PluginContext): Api
}

/** The apis of a list of plugins, by name; nothing where the list is not known to the compiler. */
export type Apis<Plugins extends readonly Plugin[]> = readonly Plugin[] extends Plugins
  ? unknown
  : { [Item in Plugins[number] as Item['name']]: ReturnType<Item['setup']> }

/** What `defineEvents()` makes; the names appear as `client.eventNames`. */
export interface DefinedEvents<Schemas extends EventSchemas>
  extends Plugin<'eventNames', readonly (keyof Schemas & string)[]> {
  /** For the compiler only. */
  schemas?: Schemas
}

/** The schemas that `defineEvents()` was given, where it is among the plugins. */
type SchemasOf<Item> = Item extends { name: 'eventNames'; schemas?: infer Schemas extends EventSchemas }
  ? Schemas
  : never

/** What plugins put on the client itself, all together. */
type OnClient<Item> = (
  Item extends { onClient?: infer Api extends object }
    ? (api: Api) => void
    : never
) extends (api: infer All) => void
  ? All
  : unknown

/** What `createNunchi()` makes of a list of plugins: the client, their apis, and a `track` that knows their events. */
export type Nunchi<Plugins extends readonly Plugin[]> = Apis<Plugins> &
  (readonly Plugin[] extends Plugins ? unknown : OnClient<Plugins[number]>) &
  ([SchemasOf<Plugins[number]>] extends [never]
    ? Client
    : Omit<Client, 'track'> & { track: TypedTrack<SchemasOf<Plugins[number]>> })
