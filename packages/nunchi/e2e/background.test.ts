/** Pages in the background: frozen, thawed, discarded, or their process killed, as browsers do to save memory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../../scripts/lib/chromium.ts'
import { type BareBrowser, bareBrowser, type Tab } from './fixtures/bare-browser.ts'
import { modulePage } from './fixtures/site.ts'
import { eventually, expectStored, named, openWorld } from './fixtures/world.ts'

describe('reliability 12: a page in the background', () => {
  const world = openWorld()
  let folder: string
  let browser: BareBrowser
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nunchi-profile-'))
    browser = await bareBrowser(findChromium()!, folder)
  })
  afterEach(async () => {
    await browser?.kill()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  /** Opens a page of the site in front: the one that was there is hidden. */
  const open = async (): Promise<Tab> => {
    const tab = await browser.open(world.site.url)
    await eventually(() => tab.evaluate<boolean>('!!window.nunchi').catch(() => false)).toBe(true)
    return tab
  }
  /** Tracks `prefix-0`, …; says how many of the promises said durable. */
  const track = (tab: Tab, prefix: string, count: number): Promise<number> =>
    tab.evaluate(`Promise.all(Array.from({ length: ${count} }, (_, i) => nunchi.track('${prefix}-' + i)))
      .then((saved) => saved.filter(({ durable }) => durable).length)`)

  it('hands over what it has before it freezes, and goes on when it is thawed', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 60000'))
    collector.fate = ({ beacon }) => (beacon ? undefined : { status: 503 })
    const tab = await open()
    for (const round of ['first', 'second']) {
      await tab.evaluate(`void nunchi.track('${round}')`)
      await tab.freeze(true)
      await eventually(() => collector.names()).toContain(round)
      await tab.freeze(false)
      await tab.show()
    }
    collector.fate = () => undefined
    expect(await track(tab, 'after', 2)).toBe(2)
    await tab.evaluate('nunchi.flush()')
    await expectStored(collector, ['first', 'second', ...named('after', 2)])
  })

  it('frozen in the middle of a delivery holds up nobody: another tab delivers', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ beacon }) => (beacon ? { cut: true } : { delay: 1000, status: 503 })
    const tab = await open()
    await track(tab, 'stuck', 3)
    await eventually(() => collector.attempts.length).toBe(1)
    await tab.freeze(true)
    collector.fate = () => undefined
    await track(await open(), 'other', 2)
    await expectStored(collector, [...named('stuck', 3), ...named('other', 2)])
    await tab.freeze(false)
    await track(tab, 'after', 1)
    await expectStored(collector, [...named('stuck', 3), ...named('other', 2), 'after-0'])
  })

  it.for([
    ['discarded while it is frozen', true],
    ['killed while it is hidden and busy', false],
  ] as const)('%s loses nothing that it had promised: the next visit delivers', async ([, frozen]) => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ cut: true })
    const tab = await open()
    await browser.open(`${site.url}/elsewhere`)
    await eventually(() => tab.evaluate('document.visibilityState')).toBe('hidden')
    expect(await track(tab, 'promised', 10)).toBe(10)
    if (frozen) await tab.freeze(true)
    // Neither is told to a page: a frozen one that is discarded runs no task more, and a killed one runs none.
    await browser.killPages()
    expect(collector.names()).toEqual([])
    collector.fate = () => undefined
    await open()
    await expectStored(collector, named('promised', 10))
  })

  it('as a control: without its disk it takes along what it had promised', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ cut: true })
    const tab = await open()
    await tab.evaluate(`{
      const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (value, key) {
        const request = put.call(this, value, key)
        this.delete(key)
        return request
      }
    }`)
    expect(await track(tab, 'promised', 3)).toBe(3)
    await browser.killPages()
    collector.fate = () => undefined
    await track(await open(), 'next', 1)
    await expectStored(collector, ['next-0'])
  })
})
