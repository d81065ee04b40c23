/** Batches as visitors make them: some hundred at once, who read pages, click, sign in and buy. */
import { uuidv7 } from '@nunchi/protocol'

/** Makes the next batch, of so many events. */
export type Visits = (events: number) => object

const names = ['Product Viewed', 'Product Added', 'Element Clicked', 'prompt_usage']
const paths = Array.from({ length: 200 }, (_, i) => `/products/${i}`)

/** Visitors of one key. Seeded: the same visits at each run but for their ids and times. */
export function visits(keyHash: string): Visits {
  const id = uuidv7()
  let seed = 1
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed % below
  }
  const pick = <T>(list: T[]): T => list[random(list.length)] as T

  function event(visitor: number, seq: number): object {
    const [kind, url] = [random(10), `https://shop.example${pick(paths)}?ref=${random(9)}`]
    const common = {
      id: id(),
      ts: Date.now(),
      tab: `t${visitor}`,
      seq,
      anonymousId: `a${visitor}`,
      sessionId: `s${visitor}`,
      ...(visitor % 4 === 0 ? { userId: `u${visitor >> 3}` } : {}),
      sdk: 'nunchi/0.1.0',
      page: { url, title: 'A product', referrer: 'https://www.google.com/' },
    }
    if (kind < 3) return { ...common, type: 'page', name: new URL(url).pathname, properties: {} }
    if (kind === 3)
      return {
        ...common,
        type: 'track',
        name: 'Web Vital',
        properties: { metric: 'LCP', value: 500 + random(4_000) },
      }
    if (kind === 4 && visitor % 4 === 0)
      return { ...common, type: 'identify', name: 'identify', properties: { plan: pick(['free', 'pro']) } }
    if (kind === 5 && random(5) === 0)
      return {
        ...common,
        type: 'track',
        name: 'Order Completed',
        properties: { revenue: random(9_999) / 100, currency: 'EUR' },
      }
    return {
      ...common,
      type: 'track',
      name: pick(names),
      properties: { sku: `sku-${random(200)}`, price: random(99) },
    }
  }

  return (events) => {
    const now = Date.now()
    // A new visitor now and then: the others go.
    const visitor = Math.floor(seed / 65_536) % 400
    const context = {
      locale: 'en',
      country: pick(['KR', 'US', 'DE']),
      deviceClass: 'desktop',
      browser: 'Chrome',
      os: 'Windows',
    }
    return {
      batch: id(),
      keyHash,
      receivedAt: now,
      sentAt: now,
      context,
      dropped: {},
      rejects: [],
      events: Array.from({ length: events }, (_, seq) => event(visitor, seq)),
    }
  }
}
