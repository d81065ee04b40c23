/** Impressions and clicks: what of a list was really seen, told once a visit. */
import type { PluginContext } from '../plugin.ts'
import type { Saved } from '../saver.ts'
import type { Shelves } from './shelves.ts'

/** Impressions and clicks of one page. */
export interface Impressions {
  observe(element: Element, recommendationId: string, itemId: string, position?: number): () => void
  click(recommendationId: string, itemId: string, position?: number): Promise<Saved>
  /** What every event says: which items were seen in lists on this visit, and which were clicked; last ones last. */
  context(): { shown?: string[]; clicked?: string[] }
  forget(): void
}

/** What one element shows. */
interface Sight {
  recommendationId: string
  item: string
  position: number | undefined
}

/** What this visit has seen, as it stands on the device. */
interface Seen {
  visit?: string
  /** Items by list, the latest list last. */
  lists?: [recommendationId: string, items: string[]][]
  clicked?: string[]
}

/** So long half of an element has to be in sight, in ms; and so long others may join its event. */
const [long, gathering] = [1_000, 250]
/** How many lists and items of a visit are remembered, and stand on events. */
const most = { lists: 10, shown: 20, clicked: 10 }

/** Opens the impressions of this page. */
export function openImpressions({ client, local, on, gate }: PluginContext, shelves: Shelves): Impressions {
  const sights = new Map<Element, Sight>()
  const inSight = new Map<Element, ReturnType<typeof setTimeout> | undefined>()
  let told: Sight[] = []
  let sending: ReturnType<typeof setTimeout> | undefined
  let observer: IntersectionObserver | undefined

  const seen = (): Required<Omit<Seen, 'visit'>> => {
    const { visit, lists, clicked } = Object(local.get('recommended')) as Seen
    // Whatever stands there may be somebody else's doing.
    return {
      lists:
        visit === client.sessionId && Array.isArray(lists)
          ? lists.filter((one) => Array.isArray(one?.[1]))
          : [],
      clicked: visit === client.sessionId && Array.isArray(clicked) ? clicked : [],
    }
  }
  const keep = (next: Seen) => local.set('recommended', { ...seen(), ...next, visit: client.sessionId })
  const known = (recommendationId: string) => seen().lists.find(([id]) => id === recommendationId)?.[1] ?? []

  const send = () => {
    clearTimeout(sending)
    sending = undefined
    const all = told
    told = []
    if (gate() === 'closed') return
    for (const recommendationId of new Set(all.map((one) => one.recommendationId))) {
      const before = known(recommendationId)
      const now = all.filter((one) => one.recommendationId === recommendationId && !before.includes(one.item))
      if (!now.length) continue
      const items = now.map(({ item }) => item)
      const lists = seen().lists.filter(([id]) => id !== recommendationId)
      keep({ lists: [...lists, [recommendationId, [...before, ...items]] as const].slice(-most.lists) as [] })
      client.track('Recommendation Viewed', {
        recommendationId,
        ...about(recommendationId),
        items,
        positions: now.map(({ position }) => position ?? null),
      })
    }
  }
  const about = (recommendationId: string) => {
    const { list, type } = shelves.find(recommendationId) ?? {}
    return { ...(list && { list }), ...(type && { type }) }
  }
  const watched = (element: Element) => {
    const sight = sights.get(element)
    inSight.set(element, undefined)
    if (
      !sight ||
      told.some(({ recommendationId: id, item }) => id === sight.recommendationId && item === sight.item)
    )
      return
    told.push(sight)
    sending ??= setTimeout(send, gathering)
  }
  const look = (element: Element, yes: boolean) => {
    clearTimeout(inSight.get(element))
    inSight.delete(element)
    const counts = yes && document.visibilityState === 'visible'
    if (yes) inSight.set(element, counts ? setTimeout(watched, long, element) : undefined)
  }
  // Nobody looks at a hidden page; what is told goes out with it.
  on('leave', () => {
    for (const timer of inSight.values()) clearTimeout(timer)
    send()
  })
  on('show', () => {
    for (const element of inSight.keys()) look(element, true)
  })
  on('close', () => {
    observer?.disconnect()
    for (const timer of inSight.values()) clearTimeout(timer)
  })

  return {
    observe(element, recommendationId, item, position) {
      if (typeof IntersectionObserver === 'undefined' || !recommendationId) return () => {}
      observer ??= new IntersectionObserver(
        (entries) => {
          for (const { target, intersectionRatio } of entries) look(target, intersectionRatio >= 0.5)
        },
        { threshold: 0.5 },
      )
      sights.set(element, { recommendationId, item, position })
      observer.observe(element)
      return () => {
        look(element, false)
        sights.delete(element)
        observer?.unobserve(element)
      }
    },
    click(recommendationId, itemId, position) {
      keep({
        clicked: [...seen().clicked.filter((id) => id !== itemId), itemId].slice(-most.clicked),
      })
      return client.track('Recommendation Clicked', {
        recommendationId,
        itemId,
        ...(position !== undefined && { position }),
        ...about(recommendationId),
      })
    },
    context() {
      const { lists, clicked } = seen()
      const shown = [...new Set(lists.flatMap(([, items]) => items))].slice(-most.shown)
      return { ...(shown.length && { shown }), ...(clicked.length && { clicked }) }
    },
    forget() {
      told = []
      clearTimeout(sending)
      sending = undefined
      local.set('recommended')
    },
  }
}
