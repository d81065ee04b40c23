/** Page views: the first, each navigation within a single-page site, and each return from the back/forward cache. */
import type { JsonObject } from '@nunchi/protocol'
import { openTrail } from '../page/trail.ts'
import type { Plugin } from '../plugin.ts'

/** What `pageViews()` takes. */
export interface PageViewsOptions {
  /** Whether a change of the part after `#` is another page, as with hash routers. @default false */
  hash?: boolean
  /** Names a page; answer `undefined` to leave it out. @default the path */
  name?: (url: URL) => string | undefined
  /**
   * Parameters of the address that are kept beside the campaign: the marks of advertising networks.
   * @default gclid, gbraid, wbraid, dclid, fbclid, msclkid, ttclid, twclid, li_fat_id
   */
  clickIds?: readonly string[]
}

interface Navigated {
  /** The Navigation API, where the browser has it. */
  navigation?: EventTarget
}

/** The longest value that is kept of an address's parameter, in characters. */
const longest = 256

/** Runs `changed` after every navigation within the document, until `signal` aborts. */
function watchNavigation(changed: () => void, signal: AbortSignal): void {
  const { navigation } = window as Navigated
  if (navigation) {
    navigation.addEventListener('currententrychange', changed, { signal })
    return
  }
  addEventListener('popstate', changed, { signal })
  addEventListener('hashchange', changed, { signal })
  for (const method of ['pushState', 'replaceState'] as const) {
    const inner = history[method]
    history[method] = function (this: History, ...args) {
      inner.apply(this, args)
      changed()
    }
  }
}

/** What the address says about the way here: `utm_…` under their short names, click ids under their own. */
function campaignOf(url: string, clickIds: readonly string[]): JsonObject | undefined {
  const said = new URLSearchParams(url.split('#')[0]!.split('?')[1])
  const found: JsonObject = {}
  const take = (key: string, as: string) => {
    const value = said.get(key)
    if (value) found[as] = value.slice(0, longest)
  }
  for (const key of ['source', 'medium', 'term', 'content', 'id']) take(`utm_${key}`, key)
  take('utm_campaign', 'name')
  for (const key of clickIds) take(key, key)
  return Object.keys(found).length ? found : undefined
}

/** Makes the plugin; a page's referrer within the site is the page before. */
export function pageViews({
  hash = false,
  name = ({ pathname }) => pathname,
  clickIds = 'gclid gbraid wbraid dclid fbclid msclkid ttclid twclid li_fat_id'.split(' '),
}: PageViewsOptions = {}): Plugin<'pageViews', void> {
  return {
    name: 'pageViews',
    setup({ client, local, on, report }) {
      if (typeof document === 'undefined') return
      const here = () => (hash ? location.href : location.href.split('#')[0]!)
      const valid = Array.isArray(clickIds)
      if (!valid) report('option_invalid', 'pageViews.clickIds')
      const marks = valid ? clickIds : []
      const stop = new AbortController()
      const trail = openTrail(local)
      let seen = ''
      let previous = ''
      let restored = false
      let timer: ReturnType<typeof setTimeout> | undefined
      on('event', (event) => {
        const { page, type, sessionId, properties } = event
        if (!page) return
        // The page that was left is not the one that the address tells by now.
        if (previous && event.name !== 'Page Left') page.referrer = previous
        if (type !== 'page') return
        const campaign = campaignOf(page.url, marks)
        event.properties = {
          ...(campaign && { campaign }),
          ...trail.go(page.url, sessionId, previous, restored),
          ...properties,
        }
      })
      const view = () => {
        clearTimeout(timer)
        timer = undefined
        const url = here()
        if (url === seen) return
        previous = seen
        seen = url
        let title: string | undefined = location.pathname
        try {
          title = name(new URL(url))
        } catch (error) {
          report('plugin_failed', error)
        }
        if (title) client.page(title)
      }
      watchNavigation(() => {
        // A single-page router sets the new title after it has changed the address.
        if (!stop.signal.aborted) timer ??= setTimeout(view, 50)
      }, stop.signal)
      on('leave', () => {
        if (timer) view()
      })
      on('show', (again) => {
        if (!again) return
        seen = ''
        restored = true
        view()
        restored = false
      })
      on('close', () => {
        clearTimeout(timer)
        stop.abort()
      })
      // A page that is rendered ahead has no visitor until it is activated.
      if ((document as { prerendering?: boolean }).prerendering)
        document.addEventListener('prerenderingchange', view, { once: true })
      // Once every plugin is set up, and the calls that the script tag's stub has recorded are played.
      else queueMicrotask(view)
    },
  }
}
