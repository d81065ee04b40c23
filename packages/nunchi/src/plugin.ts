/** The seam between the client and its plugins. */
import type { Client } from './client.ts'
import type { Report } from './errors.ts'
import type { Hooks } from './hooks.ts'
import type { Local } from './page/local.ts'
import type { Gate } from './recorder.ts'

/** What a plugin is given. */
export interface PluginContext {
  client: Client
  /** Small values beside nunchi's own, on the device only while the gate is open. */
  local: Local
  report: Report
  /** Hooks into events, into the page's coming and going, and into `reset()`. */
  on: Hooks['on']
  /** Opens, holds or closes the way for all events; closing removes what is on the device. */
  gate(state: Gate): void
}

/** A plugin: its api appears on the client under its name. */
export interface Plugin<Name extends string = string, Api = unknown> {
  name: Name
  /** Set up before the others, wherever it stands in the list. @default false */
  first?: boolean
  setup(context: PluginContext): Api
}

/** The apis of a list of plugins, by name; nothing where the list is not known to the compiler. */
export type Apis<Plugins extends readonly Plugin[]> = readonly Plugin[] extends Plugins
  ? unknown
  : { [Item in Plugins[number] as Item['name']]: ReturnType<Item['setup']> }
