/** Events as a shop's pages send them, about 600 bytes of JSON each. */
import { type Batch, type Context, type Event, uuidv7 } from '@nunchi/protocol'

const id = uuidv7()
const pages = ['/tea', '/lamps/desk', '/cart', '/checkout/address', '/search', '/blog/how-we-choose-wood']
const names = ['Product Viewed', 'Product Added', 'Search Performed', 'Checkout Step Viewed', 'Link Clicked']

/** The browser that they come from. */
export const context: Context = {
  locale: 'ko-KR',
  timezone: 'Asia/Seoul',
  screen: { width: 1920, height: 1080 },
  device: { pixelRatio: 2, memory: 8, touch: false },
}

const visitors = Array.from({ length: 500 }, () => ({
  anonymousId: id(),
  sessionId: id(),
  tab: id().slice(-8),
}))
let count = 0

/** One event; each has an id of its own, visitors and pages vary. */
export function someEvent(): Event {
  const n = count++
  const visitor = visitors[n % visitors.length]!
  const path = pages[n % pages.length]!
  return {
    id: id(),
    type: 'track',
    name: names[n % names.length]!,
    ts: Date.now(),
    seq: n,
    ...visitor,
    sdk: 'nunchi/0.1.0',
    page: {
      url: `https://shop.example${path}?utm_source=letter&n=${n % 97}`,
      referrer: 'https://search.example/',
      title: `Shop: ${path}`,
    },
    properties: { sku: `sku-${n % 1000}`, price: 12.5 + (n % 40), quantity: 1 + (n % 3), list: 'spring' },
  }
}

/** That many events. */
export const someEvents = (size: number): Event[] => Array.from({ length: size }, someEvent)

/** A batch of that many events. */
export const someBatch = (size: number): Batch => ({
  id: id(),
  sentAt: Date.now(),
  context,
  events: someEvents(size),
})
