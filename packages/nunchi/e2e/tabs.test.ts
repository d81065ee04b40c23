import { describe, expect, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { crash, eventually, expectStored, named, openWorld, track } from './fixtures/world.ts'

describe('tabs of one site', () => {
  const world = openWorld()

  it('are two, both closed while the collector fails: two new tabs deliver all of it', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ status: 503 })
    const [one, two] = [await world.visit(), await world.visit()]
    await track(one, 'one', 5)
    await track(two, 'two', 5)
    await eventually(() => collector.attempts.length).toBeGreaterThan(0)
    await one.waitForTimeout(1000)
    await one.close({ runBeforeUnload: true })
    await two.close({ runBeforeUnload: true })
    await eventually(() => world.visitor.pages().length).toBe(0)

    collector.fate = () => undefined
    await Promise.all([world.visit(), world.visit()])
    await expectStored(collector, [...named('one', 5), ...named('two', 5)])
    expect(collector.duplicates()).toBe(0)
    expect(collector.crowd).toBe(1)
  })

  it('are five and busy: one request at a time, every event once', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ delay: 150 })
    const pages = await Promise.all(Array.from({ length: 5 }, () => world.visit()))
    for (let round = 0; round < 4; round++)
      await Promise.all(pages.map((page, tab) => track(page, `tab${tab}-round${round}`, 3)))
    const names = pages.flatMap((_, tab) =>
      [0, 1, 2, 3].flatMap((round) => named(`tab${tab}-round${round}`, 3)),
    )
    await expectStored(collector, names)
    expect(collector.crowd).toBe(1)
    expect(collector.duplicates()).toBe(0)
    for (const tab of new Set(collector.events().map((event) => event.tab))) {
      const seqs = collector
        .events()
        .filter((event) => event.tab === tab)
        .map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    }
  })

  it('forget what another tab delivered: it is not handed over again when they leave', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url, 'flushInterval: 1000'))
    site.put('/quiet', modulePage(collector.url, 'flushInterval: 60000'))
    const quiet = await world.visit('/quiet')
    // Its first look into the store is over: what it tracks now, only the other tab will send.
    await quiet.waitForTimeout(1500)
    await track(quiet, 'quiet', 3)
    const busy = await world.visit()
    await track(busy, 'busy', 1)
    await expectStored(collector, [...named('quiet', 3), 'busy-0'])
    await quiet.waitForTimeout(300)
    await quiet.goto(`${site.url}/elsewhere`)
    await quiet.waitForTimeout(300)
    expect(collector.duplicates()).toBe(0)
    expect(collector.attempts.some(({ beacon }) => beacon)).toBe(false)
  })

  it('lose the one that sends (its process is killed): another takes over within five seconds', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const leader = await world.visit()
    const other = await world.visit()
    // A page that opens looks into the store once, within a second: after that the sender is who tracked first.
    await other.waitForTimeout(2000)
    collector.fate = () => ({ delay: 60_000, record: false })
    await track(leader, 'leader', 3)
    await eventually(() => collector.attempts.length).toBe(1)
    await track(other, 'other', 3)
    await other.waitForTimeout(500)
    expect(collector.attempts).toHaveLength(1)

    collector.fate = () => undefined
    await crash(leader)
    await expectStored(collector, [...named('leader', 3), ...named('other', 3)], 5000)
  })

  it('lose the one that sends while the others have nothing of their own: its events are not left behind', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const leader = await world.visit()
    collector.fate = () => ({ delay: 60_000, record: false })
    await track(leader, 'leader', 3)
    await eventually(() => collector.attempts.length).toBe(1)
    const other = await world.visit()
    await other.waitForTimeout(1500)

    collector.fate = () => undefined
    await crash(leader)
    await expectStored(collector, named('leader', 3), 5000)
  })

  it('are one visitor: who signs in or out in one is seen at the next event of the other', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    const [one, two] = [await world.visit(), await world.visit()]
    await track(two, 'stranger', 1)
    await one.evaluate(() => window.nunchi.identify('person', { plan: 'free' }))
    await track(two, 'known', 1)
    await one.evaluate(() => window.nunchi.reset())
    // Chromium carries localStorage from process to process a moment later.
    await two.waitForFunction(() => !localStorage.getItem('nunchi.session'))
    await track(two, 'other', 1)
    await expectStored(collector, ['stranger-0', 'identify', 'known-0', 'other-0'])
    const [stranger, identify, known, other] = ['stranger-0', 'identify', 'known-0', 'other-0'].map(
      (name) => collector.events().find((event) => event.name === name)!,
    )
    expect(stranger!.userId).toBeUndefined()
    expect(identify).toMatchObject({ userId: 'person', properties: { plan: 'free' } })
    expect(known).toMatchObject({ userId: 'person', anonymousId: stranger!.anonymousId })
    expect(known!.sessionId).toBe(stranger!.sessionId)
    expect(other!.userId).toBeUndefined()
    expect(other!.anonymousId).not.toBe(stranger!.anonymousId)
    expect(other!.sessionId).not.toBe(stranger!.sessionId)
  })

  it('have no Web Locks (an older browser): a lease lets one send, and passes on when that one is gone', async () => {
    const { collector, site, visitor } = world
    await visitor.addInitScript(() => {
      Object.defineProperty(navigator, 'locks', { value: undefined })
    })
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ delay: 150 })
    const pages = [await world.visit(), await world.visit(), await world.visit()]
    await Promise.all(pages.map((page, tab) => track(page, `lease${tab}`, 5)))
    const names = [0, 1, 2].flatMap((tab) => named(`lease${tab}`, 5))
    await expectStored(collector, names)
    expect(collector.crowd).toBe(1)
    expect(collector.duplicates()).toBe(0)

    const [other, ...gone] = pages
    for (const page of gone) await page.close()
    const leader = await world.visit()
    // Not for ever: now and then it is the other tab whose turn it is, and which sends what this one has stored.
    collector.fate = () => ({ delay: 8000, status: 503 })
    const before = collector.attempts.length
    await leader.evaluate(() => {
      window.nunchi.track('held')
      window.nunchi.flush()
    })
    await eventually(() => collector.attempts.length).toBe(before + 1)
    collector.fate = () => undefined
    await crash(leader)
    await track(other!, 'next', 1)
    await expectStored(collector, [...names, 'held', 'next-0'])
  })
})
