/** Clicks and forms that the markup declares by `data-nunchi-event`: all of the script tag's, the ground of `clicks()`. */
import type { Client } from './client.ts'
import { elementsOf } from './page/element.ts'
import type { Plugin } from './plugin.ts'

/** Takes a click that nothing declares; the innermost element comes first. */
export type Undeclared = (path: Element[], client: Client) => void

/** The properties that an element declares: `data-nunchi-prop-item-size="XL"` is `itemSize: 'XL'`. */
function declared({ dataset }: HTMLElement): Record<string, string | undefined> {
  const properties: Record<string, string | undefined> = {}
  for (const key in dataset)
    if (/^nunchiProp./.test(key)) properties[key[10]!.toLowerCase() + key.slice(11)] = dataset[key]
  return properties
}

/** Makes the plugin: one listener for the whole page, ahead of the page's own. */
export function declaredClicks(undeclared?: Undeclared): Plugin<'clicks', void> {
  return {
    name: 'clicks',
    setup({ client, on, report }) {
      if (typeof document === 'undefined') return
      const stop = new AbortController()
      on('close', () => stop.abort())
      const take = (event: Event) => {
        // The right button opens a menu; the middle one opens the link.
        if (event.type === 'auxclick' && (event as MouseEvent).button !== 1) return
        const path = elementsOf(event)
        const isForm = event.type === 'submit'
        const own = path.find(
          (one) => one.hasAttribute('data-nunchi-event') && (one.localName === 'form') === isForm,
        ) as HTMLElement | undefined
        if (own) client.track(own.dataset['nunchiEvent']!, declared(own))
        else if (!isForm) undeclared?.(path, client)
      }
      const listen = (event: Event) => {
        try {
          take(event)
        } catch (error) {
          // A form whose fields are named like what we ask of it, say.
          report('plugin_failed', error)
        }
      }
      // On the window, capturing: nothing on the page can stop an event before it gets here.
      for (const type of ['click', 'auxclick', 'submit'])
        addEventListener(type, listen, { capture: true, passive: true, signal: stop.signal })
    },
  }
}
