/** Lists that the markup declares: `<div data-nunchi-recommendations="products"><template>…</template></div>`. */
import type { Recommendation } from '@nunchi/protocol'
import type { Plugin } from '../plugin.ts'
import type { RecommendationContext, RecommendationsApi, RecommendationsQuery, Shelf } from './api.ts'
import { reasonText } from './reason-text.ts'

/** Appears as `client.shelves`. */
export interface ShelvesApi {
  /** Draws what the markup declares; again after the page has changed it. What is drawn already stays. */
  draw(): void
}

/** The context as the wire has it, such as `item:lamp`. */
function contextOf(text: string | undefined): RecommendationContext | undefined {
  const { 1: kind, 2: rest = '' } = /^(item|cart|page):(.*)/.exec(text ?? '') ?? []
  if (kind === 'cart') return { cart: rest.split(',') }
  return kind ? ({ [kind]: rest } as RecommendationContext) : undefined
}

function queryOf({ dataset }: HTMLElement): RecommendationsQuery {
  const { nunchiRecommendations: type, list, context, limit, exclude, seen } = dataset
  return {
    ...(type && { type }),
    ...(list && { list: list as never }),
    context: contextOf(context),
    limit: Number(limit) || undefined,
    ...(exclude && { exclude: exclude.split(',') }),
    seen: seen === 'on',
  }
}

/** What an item says under a name such as `title`, `reason` or `attributes.price`. */
function said(item: Recommendation, name: string): string {
  if (name === 'reason') return reasonText(item.reason, document.documentElement.lang)
  let value: unknown = item
  for (const part of name.split('.')) value = Object(value)[part]
  return value === undefined || value === null ? '' : `${value}`
}

/** An address that a catalog may name: nothing that runs. */
function safeUrl(text: string): string {
  try {
    return text && /^https?:$/.test(new URL(text, location.href).protocol) ? text : ''
  } catch {
    return ''
  }
}

/** One item by its template. */
function drawn(template: HTMLTemplateElement, item: Recommendation): Element | undefined {
  const part = template.content.cloneNode(true) as DocumentFragment
  for (const one of part.querySelectorAll<HTMLElement>('[data-nunchi-text]'))
    one.textContent = said(item, one.dataset['nunchiText']!)
  for (const name of ['href', 'src'])
    for (const one of part.querySelectorAll(`[data-nunchi-${name}]`)) {
      const url = safeUrl(
        said(item, one.getAttribute(`data-nunchi-${name}`) || (name === 'src' ? 'image' : 'url')),
      )
      if (url) one.setAttribute(name, url)
    }
  return part.firstElementChild ?? undefined
}

/** Draws one list, and again whenever it changes. @returns stops */
function hang(place: HTMLElement, template: HTMLTemplateElement, lists: RecommendationsApi): () => void {
  const query = queryOf(place)
  let shown: Shelf | undefined
  const stops: (() => void)[] = []
  const elements: Element[] = []
  const draw = () => {
    const shelf = lists.read(query)
    if (shelf === shown) return
    // Nothing moves under a pointer, or away from the keyboard.
    if (elements.length && place.matches(':hover, :focus-within')) return
    shown = shelf
    for (const stop of stops.splice(0)) stop()
    for (const element of elements.splice(0)) element.remove()
    shelf.items.forEach((item, position) => {
      const element = drawn(template, item)
      if (!element) return
      const click = (event: Event) => {
        // The right button opens a menu; the middle one opens the link.
        if (event.type === 'click' || (event as MouseEvent).button === 1)
          lists.click(shelf.recommendationId, item.id, position)
      }
      for (const type of ['click', 'auxclick']) element.addEventListener(type, click)
      elements.push(element)
      stops.push(lists.observe(element, shelf.recommendationId, item.id, position))
    })
    template.after(...elements)
    place.hidden = !elements.length
  }
  const end = lists.onChange(draw)
  for (const type of ['pointerleave', 'focusout'])
    place.addEventListener(type, () => Promise.resolve().then(draw))
  lists.get(query).then(draw)
  draw()
  return () => {
    end()
    for (const stop of stops) stop()
  }
}

/** Makes the plugin; `recommendations()` has to be among the others. */
export function declaredShelves(): Plugin<'shelves', ShelvesApi> {
  return {
    name: 'shelves',
    setup({ client, on }) {
      const hung = new Map<Element, () => void>()
      const draw = () => {
        const { recommendations } = client as { recommendations?: RecommendationsApi }
        for (const [place, stop] of hung)
          if (!place.isConnected) {
            stop()
            hung.delete(place)
          }
        for (const place of document.querySelectorAll<HTMLElement>('[data-nunchi-recommendations]')) {
          const template = place.querySelector('template')
          if (recommendations && template && !hung.has(place))
            hung.set(place, hang(place, template, recommendations))
        }
      }
      if (document.readyState === 'loading') addEventListener('DOMContentLoaded', draw)
      // The others are set up by then.
      else Promise.resolve().then(draw)
      on('close', () => {
        for (const stop of hung.values()) stop()
      })
      return { draw }
    },
  }
}
