/** `createNunchi()` of development builds: problems are told in sentences. */
import { browser } from './browser.ts'
import type { Client } from './client.ts'
import { createClient } from './create-client.ts'
import { reporter } from './errors.ts'
import { defaults, type Options } from './options.ts'
import type { Apis, Plugin } from './plugin.ts'
import { sentence } from './sentences.ts'

/** As in production builds, with whole sentences on the console where something is wrong. */
export function createNunchi<const Plugins extends readonly Plugin[]>(
  options: Options<Plugins>,
): Client & Apis<Plugins> {
  return createClient(options, browser(options.name ?? defaults.name), reporter(sentence))
}
