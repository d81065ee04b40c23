/** What an event says of the items it names, by the names that the collector learns from. */
import type { Event } from '@nunchi/protocol'
import type { InteractionKind } from './options.ts'

/** One thing that a visitor did with one item. */
export interface Interaction {
  item: string
  kind: InteractionKind
  /** In ms since the epoch. */
  at: number
  /** The event's id. */
  event: string
  title?: string
  tags?: string[]
}

/** `Product Viewed`, `Item Saved` and the like, by what was done. */
const named =
  /^(?:Item|Product) (Viewed|Clicked|Added|Liked|Saved|Added to Wishlist|Completed|Dismissed|Removed)$/

const verbs: { [verb: string]: InteractionKind } = {
  Viewed: 'view',
  Clicked: 'click',
  Added: 'add',
  Completed: 'buy',
  Dismissed: 'dismiss',
  Removed: 'dismiss',
}

/** The kind of an event by its name alone. */
function kindOf(name: string): InteractionKind | undefined {
  const { 1: verb = '' } = named.exec(name) ?? []
  if (verb) return verbs[verb] ?? 'like'
  if (name === 'Recommendation Clicked') return 'click'
  if (name === 'Order Completed') return 'buy'
}

/** The most items of one event that are learned from. */
const most = 100

const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value) || typeof value === 'number' ? `${value}` : undefined

/** The item that properties name, with what they say of it; `id` names one only in a list of items. */
function itemOf(said: unknown, listed: boolean): Pick<Interaction, 'item' | 'title' | 'tags'> | undefined {
  const one = Object(typeof said === 'object' ? said : { itemId: said }) as { [name: string]: unknown }
  const names = ['itemId', 'item_id', 'productId', 'product_id', 'sku', ...(listed ? ['id'] : [])]
  const item = names.map((name) => text(one[name])).find(Boolean)
  if (!item) return
  const { title, name, tags, category } = one
  const called = text(title) ?? text(name)
  const known = (Array.isArray(tags) ? tags : [category]).filter((tag) => typeof tag === 'string')
  return { item, ...(called && { title: called }), ...(known.length && { tags: known }) }
}

/** Reads events; `own` says what further ones mean. */
export function createInteractions(own: { [event: string]: InteractionKind } = {}) {
  const mine = new Map<string, InteractionKind>(Object.entries(Object(own)))
  return ({ id, type, name, ts, properties }: Event): Interaction[] => {
    if (!properties || !/^(track|page)$/.test(type)) return []
    const kind = type === 'page' ? 'view' : (mine.get(name) ?? kindOf(name))
    if (!kind) return []
    const { products, items } = properties
    const list = Array.isArray(products) ? products : Array.isArray(items) ? items : []
    const found = [itemOf(properties, false), ...list.slice(0, most).map((said) => itemOf(said, true))]
    return found.flatMap((one) => (one ? [{ ...one, kind, at: ts, event: id }] : []))
  }
}
