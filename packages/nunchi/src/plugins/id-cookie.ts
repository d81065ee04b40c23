/** The visitor's id in a first-party cookie, so that your server decides for the same visitor as the page. */
import { cookieText, idInCookies, idPattern } from '../cookie.ts'
import type { Plugin } from '../plugin.ts'

/** What `idCookie()` takes. */
export interface IdCookieOptions {
  /** The cookie's name; the same as your server's. @default 'nunchi_id' */
  name?: string
}

/**
 * Makes the plugin. The cookie's id becomes the visitor's; without a cookie, the visitor's id is written into one. A
 * visitor who refuses has none, and `reset()` writes the new id. The page reads and writes it, so it is not HttpOnly;
 * it says no more than the id that is on the device anyway.
 */
export function idCookie({ name = 'nunchi_id' }: IdCookieOptions = {}): Plugin<'idCookie', undefined> {
  return {
    name: 'idCookie',
    first: true,
    setup({ client, local, gate, on }) {
      if (typeof document === 'undefined') return undefined
      const there = () => idInCookies(document.cookie, name)
      const write = (id: string) => {
        try {
          // biome-ignore lint/suspicious/noDocumentCookie: the newer interface is not in every browser, nor synchronous.
          document.cookie = cookieText(name, id, location.protocol === 'https:')
        } catch {
          // A sandboxed frame has no cookies.
        }
      }
      const agree = (state = gate()) => {
        const id = there()
        if ((state === 'closed' || state === 'memory') && id) write('')
        // A cookie that a server has written lives longer than the page's own storage: its id is the older one.
        if (state === 'open' && idPattern.test(id) && id !== client.anonymousId)
          local.set('id', { ...local.get<object>('id'), anonymousId: id })
        // One that is right is left alone: written by a page, it would live shorter in some browsers.
        if (state === 'open' && client.anonymousId !== there()) write(client.anonymousId)
      }
      try {
        agree()
      } catch {
        // As above.
      }
      on('gate', agree)
      on('reset', () => {
        if (gate() === 'open') write(client.anonymousId)
      })
      return undefined
    },
  }
}
