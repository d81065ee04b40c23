import type { Event } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { createInteractions } from './interactions.ts'

const event = (name: string, properties: object, type = 'track') =>
  ({ id: 'e', type, name, ts: 7, properties }) as unknown as Event
const read = createInteractions({ 'Recipe Cooked': 'buy', 'Product Viewed': 'add' })
const said = (name: string, properties: object) =>
  createInteractions()(event(name, properties)).map(({ item, kind }) => [item, kind])

describe('an event', () => {
  it.each([
    ['Product Viewed', { productId: 'lamp' }, 'view'],
    ['Item Viewed', { itemId: 'lamp' }, 'view'],
    ['Product Clicked', { product_id: 'lamp' }, 'click'],
    ['Recommendation Clicked', { itemId: 'lamp', recommendationId: 'r' }, 'click'],
    ['Product Added', { sku: 'lamp' }, 'add'],
    ['Item Liked', { item_id: 'lamp' }, 'like'],
    ['Item Saved', { itemId: 'lamp' }, 'like'],
    ['Product Added to Wishlist', { itemId: 'lamp' }, 'like'],
    ['Item Completed', { itemId: 'lamp' }, 'buy'],
    ['Product Removed', { productId: 'lamp' }, 'dismiss'],
    ['Item Dismissed', { itemId: 'lamp' }, 'dismiss'],
  ] as const)('%s of %o is a %s', (name, properties, kind) => {
    expect(said(name, properties)).toEqual([['lamp', kind]])
  })

  it('of an order is a purchase of each of its products, of whatever form', () => {
    const products = [{ productId: 'lamp' }, { sku: 7 }, { id: 'jar' }, 'bowl', null, { name: 'no id' }]
    expect(said('Order Completed', { products })).toEqual([
      ['lamp', 'buy'],
      ['7', 'buy'],
      ['jar', 'buy'],
      ['bowl', 'buy'],
    ])
  })

  it('carries what is said of the item, its category for a tag', () => {
    const properties = { productId: 'lamp', name: 'Hanji lamp', category: 'light' }
    expect(read(event('Item Clicked', properties))).toEqual([
      { item: 'lamp', title: 'Hanji lamp', tags: ['light'], kind: 'click', at: 7, event: 'e' },
    ])
  })

  it('is a view where it is a page of an item', () => {
    expect(read(event('Lamp', { itemId: 'lamp' }, 'page'))[0]).toMatchObject({ item: 'lamp', kind: 'view' })
    expect(read(event('/p/lamp', {}, 'page'))).toEqual([])
  })

  it('may be one of the site’s own, and means what the site says', () => {
    expect(read(event('Recipe Cooked', { itemId: 'soup' }))[0]).toMatchObject({ kind: 'buy' })
    expect(read(event('Product Viewed', { itemId: 'soup' }))[0]).toMatchObject({ kind: 'add' })
  })

  it('that names no item, or was only seen, is none', () => {
    expect(said('Recommendation Viewed', { items: ['lamp'] })).toEqual([])
    expect(said('Product Viewed', { productId: {} })).toEqual([])
    expect(said('constructor', { productId: 'lamp' })).toEqual([])
    expect(createInteractions()(event('Product Viewed', { productId: 'lamp' }, 'identify'))).toEqual([])
  })
})
