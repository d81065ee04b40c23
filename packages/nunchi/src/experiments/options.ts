/** What `experiments()` takes. */
import type { Config, Extension, JsonObject, Overrides } from '@nunchi/protocol'

/** What `experiments()` takes. */
export interface ExperimentsOptions {
  /** A config that the page brings along: in force at once; its experiments stay as they are on this page. */
  bootstrap?: Config | undefined
  /** Where the config is, such as a static file of the site; `false` asks nobody. @default the collector's /v1/config */
  config?: string | false
  /** What is known of the visitor besides, as it is or as it is at each evaluation; wins over what the page says. */
  attributes?: JsonObject | (() => JsonObject)
  /** After how many ms `ready` resolves without a config. @default 1000 */
  timeout?: number
  /** How often a visible page asks for the config where it is not told of changes, in ms; 0 never asks again. @default 60000 */
  refresh?: number
  /** Whether a visible page listens for changes; a config at an address of its own is asked for only. @default true */
  stream?: boolean
  /** Values in force whatever the config says, as in tests. Marked, and in no result. */
  overrides?: Overrides
  /** Whether the address may override: `?nunchi_flag.key=value`, `?nunchi_experiment.key=variant`. @default true */
  link?: boolean
  /** What to understand besides the core; `fullEvaluator` is all of it. */
  evaluator?: Extension
}
