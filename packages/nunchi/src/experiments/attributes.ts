/** What the page knows of the visitor by itself, for conditions and for bucketing. */
import type { JsonObject } from '@nunchi/protocol'
import type { PluginContext } from '../plugin.ts'

/** As the collector tells devices apart, from what a page may see. */
export function deviceClass({
  userAgent,
  maxTouchPoints,
}: Pick<Navigator, 'userAgent' | 'maxTouchPoints'>): string {
  // An iPad calls itself a Mac, and an Android that does not call itself mobile is a tablet.
  if (/iPad|Tablet|Silk/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1))
    return 'tablet'
  return /Mobile/.test(userAgent) ? 'mobile' : /Android/.test(userAgent) ? 'tablet' : 'desktop'
}

/** Reads the attributes as they are now. */
export interface ReadAttributes {
  (): JsonObject
  /** Sets what is over all else, in place of what was set before. */
  set(attributes?: JsonObject): void
}

/** Makes what reads the attributes: the page's own, over them the site's, over them what is set. */
export function readAttributes(
  { client, gate, page, report }: PluginContext,
  own: JsonObject | (() => JsonObject) | undefined,
): ReadAttributes {
  /** Reading them costs, and they stay. */
  let device: JsonObject | undefined
  let set: JsonObject | undefined
  const read = () => {
    const { url } = page() ?? {}
    if (url) device ??= { locale: navigator.language, deviceClass: deviceClass(navigator) }
    let said: JsonObject | undefined
    try {
      said = typeof own === 'function' ? own() : own
    } catch (error) {
      report('plugin_failed', error)
    }
    return {
      // Who refused would be another visitor on each page: nobody, then, and the same variant everywhere.
      ...(gate() !== 'closed' && { anonymousId: client.anonymousId }),
      ...(client.userId && { userId: client.userId }),
      ...(url && { url, path: url.replace(/^\w+:\/\/[^/]*|[?#].*/g, '') || '/' }),
      ...device,
      ...said,
      ...set,
    }
  }
  return Object.assign(read, {
    set(next?: JsonObject) {
      set = next
    },
  })
}
