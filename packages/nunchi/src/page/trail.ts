/** The way through the site: which page was before this one, and from where the visit came. */
import type { JsonObject } from '@nunchi/protocol'
import type { Local } from './local.ts'

/** As it stands on the device. */
interface Kept {
  visit?: unknown
  /** The page seen last, in any tab. */
  last?: unknown
  /** From where the visit came. */
  from?: unknown
}

/** The trail of a visit. */
export interface Trail {
  /**
   * Notes a page view.
   *
   * @param visit the visit's id
   * @param before the page before within this document, if any
   * @param restored whether the page came back as it was left: then another document was between
   * @returns `previousUrl` and `initialReferrer`, as far as they are known
   */
  go(url: string, visit: string | undefined, before: string, restored: boolean): JsonObject
}

/** The longest address that is kept on the device, in characters. */
const longest = 500

/** Without query and fragment: what stands on the device has not been redacted. */
const bare = (url: string): string => url.split(/[?#]/)[0]!.slice(0, longest)

/** Others may write where we do. */
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Opens the trail. */
export function openTrail(local: Local): Trail {
  return {
    go(url, visit, before, restored) {
      const { referrer } = document
      const within = referrer.startsWith(`${location.origin}/`)
      const found = local.get<Kept | null>('trail')
      const kept = (visit && found?.visit === visit && found) || undefined
      // This document's own way, then the browser's word, then what another page or tab has left.
      const said = before || (within && !restored ? referrer : kept?.last)
      const from = bare(text(kept ? kept.from : within ? '' : referrer))
      local.set('trail', { visit, last: bare(url), ...(from && { from }) })
      return {
        ...(text(said) && said !== url && { previousUrl: text(said) }),
        ...(from && { initialReferrer: from }),
      }
    },
  }
}
