/** Web vitals: how fast the page was for this visitor, each measure once a page and once after each return to it. */
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Plugin } from '../plugin.ts'

/** What `vitals()` takes. */
export interface VitalsOptions {
  /** The share of pages that are measured, 0 to 1; drawn anew for each page. @default 1 */
  sample?: number
}

/** Ten thousandths: enough for a layout shift, and ten times what a browser tells of a time. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

/** Runs work once the page has a moment, within a second. Safari has no requestIdleCallback. */
function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 1000 })
  else setTimeout(work)
}

/** Makes the plugin. */
export function vitals({ sample = 1 }: VitalsOptions = {}): Plugin<'vitals', void> {
  return {
    name: 'vitals',
    setup({ client, on, report }) {
      const bad = !(sample >= 0 && sample <= 1)
      if (bad) report('option_invalid', 'vitals.sample')
      if (typeof document === 'undefined' || (!bad && Math.random() >= sample)) return
      const told = new Set<string>()
      /** The page that was loaded: what is measured is its, whatever a single-page router shows by now. */
      let loaded = location.href
      let telling = false
      let closed = false
      on('close', () => {
        closed = true
      })
      on('show', (restored) => {
        if (restored) loaded = location.href
      })
      on('event', (event) => {
        if (telling && event.page && location.href !== loaded) event.page = { url: loaded }
      })
      // Hidden and seen again, a page goes on measuring under the same id: the first word counts.
      const tell = ({ id, name, value, rating, navigationType }: Metric) => {
        if (closed || told.has(id)) return
        told.add(id)
        telling = true
        client.track('Web Vital', {
          metric: name,
          value: rounded(value),
          // Said once, so all of it is new.
          delta: rounded(value),
          rating,
          id,
          navigationType,
        })
        telling = false
      }
      // An interaction just before the page leaves is seen by changes alone; the last one counts.
      let interaction: Metric | undefined
      on('leave', () => {
        if (interaction && document.visibilityState === 'hidden') tell(interaction)
      })
      // Its listeners stand at the window and ours at the document: it has its last word before we send.
      whenIdle(() => {
        const changed = (metric: Metric) => {
          interaction = metric
        }
        try {
          for (const watch of [onLCP, onCLS, onFCP, onTTFB]) watch(tell)
          onINP(changed, { reportAllChanges: true })
        } catch (error) {
          // A page or a browser whose clock was taken apart.
          report('plugin_failed', error)
        }
      })
    },
  }
}
