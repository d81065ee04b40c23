/** `createNunchi()` of development builds: problems are told in sentences, and an event's way on request. */
import { browser } from './browser.ts'
import { createClient } from './create-client.ts'
import { defaults, type Options } from './options.ts'
import type { Nunchi, Plugin } from './plugin.ts'
import { debug } from './plugins/debug.ts'
import { sentenceReporter } from './sentences.ts'

/** As in production builds, with whole sentences on the console where something is wrong, and `debug()` at hand. */
export function createNunchi<const Plugins extends readonly Plugin[]>(
  options: Options<Plugins>,
): Nunchi<Plugins> {
  const { name, use = [], debug: on = false } = options
  const all = use.some((plugin) => plugin.name === 'debug') ? use : [debug({ on }), ...use]
  const client: unknown = createClient(
    { ...options, use: all },
    browser(name ?? defaults.name),
    sentenceReporter(),
  )
  return client as Nunchi<Plugins>
}
