/** Page views: the first, each navigation within a single-page site, and each return from the back/forward cache. */
import type { Plugin } from '../plugin.ts'

/** What `pageViews()` takes. */
export interface PageViewsOptions {
  /** Whether a change of the part after `#` is another page, as with hash routers. @default false */
  hash?: boolean
  /** Names a page; answer `undefined` to leave it out. @default the path */
  name?: (url: URL) => string | undefined
}

interface Navigated {
  /** The Navigation API, where the browser has it. */
  navigation?: EventTarget
}

/** Runs `changed` after every navigation within the document. */
function watchNavigation(changed: () => void): void {
  const { navigation } = window as Navigated
  if (navigation) {
    navigation.addEventListener('currententrychange', changed)
    return
  }
  addEventListener('popstate', changed)
  addEventListener('hashchange', changed)
  for (const method of ['pushState', 'replaceState'] as const) {
    const inner = history[method]
    history[method] = function (this: History, ...args) {
      inner.apply(this, args)
      changed()
    }
  }
}

/** Makes the plugin; a page's referrer within the site is the page before. */
export function pageViews({
  hash = false,
  name = ({ pathname }) => pathname,
}: PageViewsOptions = {}): Plugin<'pageViews', void> {
  return {
    name: 'pageViews',
    setup({ client, on }) {
      if (typeof document === 'undefined') return
      const here = () => (hash ? location.href : location.href.split('#')[0]!)
      let seen = ''
      let previous = ''
      let timer: ReturnType<typeof setTimeout> | undefined
      on('event', ({ page }) => {
        if (page && previous) page.referrer = previous
      })
      const view = () => {
        clearTimeout(timer)
        timer = undefined
        const url = here()
        if (url === seen) return
        previous = seen
        seen = url
        const title = name(new URL(url))
        if (title) client.page(title)
      }
      watchNavigation(() => {
        // A single-page router sets the new title after it has changed the address.
        timer ??= setTimeout(view, 50)
      })
      on('leave', () => {
        if (timer) view()
      })
      on('show', (restored) => {
        if (!restored) return
        seen = ''
        view()
      })
      // A page that is rendered ahead has no visitor until it is activated.
      if ((document as { prerendering?: boolean }).prerendering)
        document.addEventListener('prerenderingchange', view, { once: true })
      // Once every plugin is set up, and the calls that the script tag's stub has recorded are played.
      else queueMicrotask(view)
    },
  }
}
