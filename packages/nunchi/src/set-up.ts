/** Sets plugins up: each one's api appears on the client under its name. */
import type { Plugin, PluginContext } from './plugin.ts'

/** Sets up all of `plugins`; one that throws costs nobody but itself. */
export function setUp(plugins: readonly Plugin[], context: PluginContext): void {
  // Who decides whether anything is recorded comes before who records.
  for (const plugin of [...plugins].sort((a, b) => +!!b.first - +!!a.first))
    try {
      Object.defineProperty(context.client, plugin.name, { value: plugin.setup(context) })
    } catch (error) {
      context.report('plugin_failed', error)
    }
}
