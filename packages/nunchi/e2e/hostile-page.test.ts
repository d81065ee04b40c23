import { describe, expect, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { eventually, expectStored, named, openWorld, track } from './fixtures/world.ts'

/** Ways to take something away from a page before its scripts run, as source text. */
const missing = {
  'localStorage throws': `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })`,
  'localStorage is full': `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }`,
  'there is no localStorage': `Object.defineProperty(window, 'localStorage', { value: null })`,
  'there is no indexedDB': `Object.defineProperty(window, 'indexedDB', { value: undefined })`,
  'indexedDB throws': `IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }`,
  'sendBeacon throws': `navigator.sendBeacon = () => { throw new TypeError('no') }`,
  'there is no sendBeacon': `Object.defineProperty(navigator, 'sendBeacon', { value: undefined })`,
  'there is no BroadcastChannel': `delete window.BroadcastChannel`,
  'BroadcastChannel throws': `window.BroadcastChannel = class { constructor() { throw new DOMException('no', 'SecurityError') } }`,
  'there are no Web Locks': `Object.defineProperty(navigator, 'locks', { value: undefined })`,
  'Web Locks are refused': `navigator.locks && (navigator.locks.request = () => Promise.reject(new DOMException('no', 'SecurityError')))`,
  'Web Locks throw': `navigator.locks && (navigator.locks.request = () => { throw new DOMException('no', 'SecurityError') })`,
  'there is no crypto.subtle': `Object.defineProperty(crypto, 'subtle', { value: undefined })`,
  'there is no requestIdleCallback': `delete window.requestIdleCallback`,
  'there is no CompressionStream': `delete window.CompressionStream`,
  'there is no Navigation API': `delete window.navigation`,
  'there is no Intl time zone': `Intl.DateTimeFormat = () => { throw new RangeError('no') }`,
}

describe('a page where', () => {
  const world = openWorld()

  it.for(Object.entries(missing))('%s: nothing throws, and events arrive', async ([, script]) => {
    const { collector, site, visitor } = world
    await visitor.addInitScript(script)
    site.put('/', modulePage(collector.url, 'use: [pageViews()]'))
    const page = await world.visit()
    await track(page, 'hostile', 5)
    await expectStored(collector, ['/', ...named('hostile', 5)])
    await page.evaluate(() => {
      window.nunchi.track('leaving')
      document.dispatchEvent(new Event('freeze'))
      dispatchEvent(new PageTransitionEvent('pagehide'))
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))
    })
    await expectStored(collector, ['/', ...named('hostile', 5), 'leaving'])
  })

  it('the caller passes nonsense: nothing throws, and what can be kept is kept', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    const kept = await page.evaluate(async () => {
      const { nunchi } = window
      const circle: Record<string, unknown> = { a: 1 }
      circle['self'] = circle
      const evil = {
        get trap() {
          throw new Error('trap')
        },
      }
      const calls = [
        nunchi.track(),
        nunchi.track(null),
        nunchi.track(Symbol('s')),
        nunchi.track({
          toString: () => {
            throw new Error('no')
          },
        }),
        nunchi.track('getter', evil),
        nunchi.track('toJSON', {
          value: {
            toJSON: () => {
              throw new Error('no')
            },
          },
        }),
        nunchi.track('text', 'not an object'),
        nunchi.track('circle', circle),
        nunchi.track('bigint', { n: 10n }),
        nunchi.track('large', { text: 'x'.repeat(40_000) }),
        nunchi.track('surrogate', { text: '\ud800' }),
        nunchi.track('polluted', JSON.parse('{"__proto__":{"polluted":1}}')),
        nunchi.identify(),
        nunchi.identify({ trap: evil }),
        nunchi.group(undefined, null),
        nunchi.alias(),
        nunchi.page(undefined, 7),
      ]
      const saved = await Promise.all(calls)
      return {
        saved: saved.every((one) => typeof one.durable === 'boolean'),
        polluted: ({} as { polluted?: 1 }).polluted,
      }
    })
    expect(kept).toEqual({ saved: true, polluted: undefined })
    await track(page, 'after', 1)
    await eventually(() => collector.names()).toEqual(
      expect.arrayContaining(['circle', 'bigint', 'surrogate', 'polluted', 'text', 'after-0']),
    )
    expect(collector.names()).not.toContain('large')
    const reported = collector.attempts.flatMap(({ batch }) => (batch.dropped ? [batch.dropped] : []))
    expect(reported[0]).toEqual({ event_too_large: 1, event_unserializable: 1 })
  })

  it('a listener throws: the event arrives, and the other listeners hear it', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    const heard = await page.evaluate(async () => {
      const stages: string[] = []
      window.nunchi.on(() => {
        throw new Error('no')
      })
      window.nunchi.on((stage: string) => stages.push(stage))
      await window.nunchi.track('listened')
      await window.nunchi.flush()
      return stages
    })
    expect(heard).toEqual(['event', 'stored', 'sending', 'acked'])
    await expectStored(collector, ['listened'])
  })

  it.for([
    ['srcdoc', (inner: string) => `<iframe srcdoc="${inner.replaceAll('"', '&quot;')}"></iframe>`],
    [
      'a sandbox without storage',
      (inner: string) =>
        `<iframe sandbox="allow-scripts" srcdoc="${inner.replaceAll('"', '&quot;')}"></iframe>`,
    ],
    [
      'about:blank',
      (inner: string) => `<iframe></iframe><script>
        const { contentDocument } = document.querySelector('iframe')
        contentDocument.open(); contentDocument.write(${JSON.stringify(inner).replaceAll('</', '<\\/')}); contentDocument.close()
      </script>`,
    ],
  ] as const)('the SDK runs in a frame of %s: nothing throws, and events arrive', async ([, frame]) => {
    const { collector, site, visitor } = world
    const inner = `<script src="${site.url}/nunchi.global.js" data-key="nk_pub_test" data-host="${collector.url}" data-page-views="off"></script><script>nunchi.track('framed')</script>`
    site.put('/', `<!doctype html><title>Shop</title><body>${frame(inner)}</body>`)
    const page = await visitor.newPage()
    await page.goto(site.url)
    await expectStored(collector, ['framed'])
  })
})
