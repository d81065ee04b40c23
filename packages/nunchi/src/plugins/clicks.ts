/** Clicks: what the markup declares by `data-nunchi-event`, and, where asked for, links, buttons and downloads. */
import { actionOf, type ClickKind } from '../page/action.ts'
import { elementsOf } from '../page/element.ts'
import type { Plugin } from '../plugin.ts'

/** What `clicks()` takes. */
export interface ClicksOptions {
  /** Clicks that are recorded without being declared: all, or a list of `outbound`, `downloads`, `elements`. @default false */
  automatic?: boolean | readonly ClickKind[]
  /** Whether these tell the text of buttons and links, 80 characters of it. @default false */
  text?: boolean
  /**
   * Extensions of files that are downloads; a link with the attribute `download` is one anyway.
   * @default pdf, csv, xls, xlsx, doc, docx, ppt, pptx, hwp, hwpx, zip, gz, 7z, rar, dmg, exe, msi, apk, mp3, mp4
   */
  extensions?: readonly string[]
}

/** The properties that an element declares: `data-nunchi-prop-item-size="XL"` is `itemSize: 'XL'`. */
function declared({ dataset }: HTMLElement): Record<string, string | undefined> {
  const properties: Record<string, string | undefined> = {}
  for (const key in dataset) {
    const name = /^nunchiProp(.+)/.exec(key)?.[1]
    if (name) properties[name[0]!.toLowerCase() + name.slice(1)] = dataset[key]
  }
  return properties
}

/** Makes the plugin: one listener for the whole page, ahead of the page's own. */
export function clicks({
  automatic = false,
  text = false,
  extensions = 'pdf csv xls xlsx doc docx ppt pptx hwp hwpx zip gz 7z rar dmg exe msi apk mp3 mp4'.split(' '),
}: ClicksOptions = {}): Plugin<'clicks', void> {
  return {
    name: 'clicks',
    setup({ client, on, report }) {
      if (typeof document === 'undefined') return
      const valid = Array.isArray(extensions)
      if (!valid) report('option_invalid', 'clicks.extensions')
      const files = valid ? extensions : []
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
        if (own || isForm || !automatic) return
        const action = actionOf(path, files, text)
        if (action && (automatic === true || automatic.includes(action.kind)))
          client.track(action.name, action.properties)
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
