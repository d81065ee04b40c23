/** `createNunchi()`: the client on the browser. */
import { browser } from './browser.ts'
import { createClient } from './create-client.ts'
import { reporter } from './errors.ts'
import { defaults, type Options } from './options.ts'
import type { Nunchi, Plugin } from './plugin.ts'

/**
 * Makes the client of a page. Never throws: what is wrong with the options is said on the console.
 *
 * @example
 * const nunchi = createNunchi({ key: 'nk_pub_…', host: 'https://events.example.com', use: [pageViews()] })
 * nunchi.track('Product Added', { sku: 'lamp' })
 */
export function createNunchi<const Plugins extends readonly Plugin[]>(
  options: Options<Plugins>,
): Nunchi<Plugins> {
  return createClient(options, browser(options.name ?? defaults.name), reporter())
}
