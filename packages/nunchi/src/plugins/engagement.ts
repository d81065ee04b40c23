/** Engagement: how deep a visit is, how long and how far a page was seen, and the last steps; on every event. */
import type { Event, Page } from '@nunchi/protocol'
import { deviceCapabilities } from '../page/device.ts'
import { elementLabel, elementsOf } from '../page/element.ts'
import { watchScroll } from '../page/scroll.ts'
import { visibleClock } from '../page/visible.ts'
import { openVisit } from '../page/visit.ts'
import type { Plugin, PluginContext } from '../plugin.ts'

/** What `engagement()` takes. */
export interface EngagementOptions {
  /** How many of the visit's last steps (clicks, changes, forms sent) an event tells of; 0 for none. @default 20 */
  steps?: number
  /** Whether events tell what the device can do, in coarse words. @default true */
  device?: boolean
  /** Whether a page that is left records `Page Left`. @default true */
  pageLeft?: boolean
}

/** What tells one step from another: what people use, or what the author gave a name. */
const usable = 'a,button,input,select,textarea,summary,label,[role],[data-nunchi],[data-nunchi-event]'

/** A page left again within so many ms is not told a second time. */
const least = 1_000

/** The page view that is open. */
interface View {
  page: Page | undefined
  /** The id of its page event: undefined until there is one, '' where it was another visitor's. */
  id: string | undefined
  /** Visible ms that were told already. */
  told: number
}

/** Remembers what is clicked, changed and sent, until `signal` aborts. */
function watchSteps(
  step: (what: string) => void,
  report: PluginContext['report'],
  signal: AbortSignal,
): void {
  const take = (event: globalThis.Event) => {
    try {
      const path = elementsOf(event)
      const element = path.find((one) => one.matches(usable)) ?? path[0]
      if (element) step(`${event.type}:${elementLabel(element)}`)
    } catch (error) {
      report('plugin_failed', error)
    }
  }
  for (const type of ['click', 'change', 'submit'])
    addEventListener(type, take, { capture: true, passive: true, signal })
}

/** Makes the plugin: it fills `userContext` of every event, and records `Page Left` when a page is left. */
export function engagement({
  steps = 20,
  device: withDevice = true,
  pageLeft = true,
}: EngagementOptions = {}): Plugin<'engagement', void> {
  return {
    name: 'engagement',
    setup({ client, local, on, report }) {
      if (typeof document === 'undefined') return
      const valid = steps >= 0
      if (!valid) report('option_invalid', 'engagement.steps')
      const most = valid ? steps : 20
      const stop = new AbortController()
      const visit = openVisit(local, most)
      const scroll = watchScroll(stop.signal)
      const clock = visibleClock()
      let device = withDevice ? deviceCapabilities() : undefined
      let view: View = { page: undefined, id: undefined, told: 0 }
      /** Set while `Page Left` is made: the time until which it happened. */
      let leaving: number | undefined
      if (most) watchSteps(visit.step, report, stop.signal)

      const leave = (until: number) => {
        const visibleTime = clock.time() - view.told
        if (!pageLeft || visibleTime < (view.told ? least : 1)) return
        leaving = until
        client.track('Page Left', {
          visibleTime,
          scrollDepth: scroll.depth(),
          ...(view.id && { pageView: view.id }),
        })
        leaving = undefined
        view.told += visibleTime
      }
      const begin = (page: Page | undefined, id: string | undefined) => {
        view = { page, id, told: 0 }
        clock.reset()
        scroll.reset()
        if (device) device = deviceCapabilities()
      }
      const fill = (event: Event) => {
        const isPage = event.type === 'page'
        if (leaving !== undefined) {
          // Made by a page that is another one already, or about to be.
          event.ts = Math.min(event.ts, leaving)
          if (view.page) event.page = { ...view.page }
        } else if (isPage) {
          if (view.id === undefined) view = { ...view, page: event.page, id: event.id }
          else {
            leave(event.ts - 1)
            begin(event.page, event.id)
          }
        }
        event.userContext = {
          ...event.userContext,
          sessionDepth: { ...visit.count(event.sessionId, isPage) },
          timeOnPage: clock.time(),
          scrollDepth: scroll.depth(),
          ...(most && { interactions: visit.steps() }),
          ...(device && { device }),
        }
      }

      on('event', fill)
      on('leave', () => {
        clock.stop()
        scroll.settle()
        leave(Number.POSITIVE_INFINITY)
        visit.save()
      })
      on('show', () => clock.go())
      on('reset', () => {
        visit.forget()
        begin(view.page, '')
      })
      on('close', () => {
        visit.save()
        stop.abort()
      })
    },
  }
}
