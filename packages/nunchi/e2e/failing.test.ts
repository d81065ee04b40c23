import { describe, expect, it } from 'vitest'
import { type Attempt, startCollector } from './fixtures/collector.ts'
import { modulePage } from './fixtures/site.ts'
import { eventually, expectStored, named, openWorld, track } from './fixtures/world.ts'

/** How many ordinary requests carried an event of this name. */
const sent = (attempts: Attempt[], name: string): number =>
  attempts.filter(({ batch }) => batch.events.some((event) => event.name === name)).length

describe('a collector that fails', () => {
  const world = openWorld()

  it('is down until after the tab was closed: the next visit delivers', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    await collector.close()
    const page = await world.visit()
    expect(await track(page, 'down', 5)).toEqual(named('down', 5).map(() => ({ durable: true })))
    await page.waitForTimeout(1500)
    await page.close({ runBeforeUnload: true })

    const back = await startCollector(collector.port)
    await world.visit()
    await expectStored(back, named('down', 5))
    await world.visitor.close()
    await back.close()
  })

  it.for([
    ['seconds', (): string => '2'],
    ['a date', (): string => new Date(Date.now() + 3000).toUTCString()],
  ] as const)(
    'answers 429 with Retry-After in %s: nothing is sent before that time, in any tab',
    async ([, retryAfter]) => {
      const { collector, site } = world
      site.put('/', modulePage(collector.url))
      collector.fate = ({ before }) =>
        before ? undefined : { status: 429, headers: { 'retry-after': retryAfter() } }
      const page = await world.visit()
      await track(page, 'limited', 3)
      await eventually(() => collector.attempts.length).toBe(1)
      const second = await world.visit()
      await track(second, 'second', 2)
      await expectStored(collector, [...named('limited', 3), ...named('second', 2)])
      const [refused, next] = collector.attempts
      // HTTP dates have whole seconds: 3 s from now is at least 2 s away.
      expect(next!.at - refused!.at).toBeGreaterThan(1900)
      expect(collector.duplicates()).toBe(0)
    },
  )

  it.for([500, 502, 503])('answers %i a few times: all arrive, none twice', async (status) => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ before }) => (before < 2 ? { status } : undefined)
    const page = await world.visit()
    await track(page, 'storm', 3)
    await expectStored(collector, named('storm', 3))
    expect(collector.duplicates()).toBe(0)
  })

  it('loses only its reply after the commit: the same ids come again', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ before }) => (before ? undefined : { record: true, cut: true })
    const page = await world.visit()
    await track(page, 'twice', 3)
    await eventually(() => collector.duplicates()).toBe(3)
    expect(collector.names()).toEqual(named('twice', 3))
    await page.waitForTimeout(1500)
    expect(collector.duplicates()).toBe(3)
  })

  it.for([
    ['the ack of another batch', { body: '{"batch":"another","accepted":3}' }],
    [
      'a captive portal’s page with status 200',
      { status: 200, body: '<!doctype html><title>Hotel</title>', headers: { 'content-type': 'text/html' } },
    ],
    ['an empty 204', { status: 204 }],
    ['half an ack', { body: '{"batch":' }],
    ['null', { body: 'null' }],
  ] as const)('answers with %s: that is no ack, and nothing is forgotten', async ([, answer]) => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ before }) => (before ? undefined : { ...answer, record: false })
    const page = await world.visit()
    await track(page, 'unacknowledged', 3)
    await expectStored(collector, named('unacknowledged', 3))
    expect(sent(collector.attempts, 'unacknowledged-0')).toBe(2)
  })

  it('refuses the key: sending pauses, the events stay, and one warning says so', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ status: 401, body: '{"code":"key_unknown"}' })
    const warnings: string[] = []
    world.visitor.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text())
    })
    const page = await world.visit()
    await track(page, 'refused', 3)
    await eventually(() => collector.attempts.length).toBe(1)
    await track(page, 'more', 3)
    await page.waitForTimeout(1500)
    expect(collector.attempts.length).toBe(1)
    expect(warnings.filter((text) => text.includes('key_refused'))).toHaveLength(1)
    expect(await page.evaluate(() => window.nunchi.flush())).toEqual({ pending: 6 })
  })

  it.for([
    ['batch_malformed', 400],
    ['body_not_json', 400],
  ] as const)(
    'cannot read a batch (%s) because of one event: that one is given up and reported, the others arrive',
    async ([code, status]) => {
      const { collector, site } = world
      site.put('/', modulePage(collector.url))
      collector.fate = ({ batch }) =>
        batch.events.some(({ name }) => name === 'poison')
          ? { status, body: JSON.stringify({ code }) }
          : undefined
      const page = await world.visit()
      await page.evaluate(() => {
        for (let i = 0; i < 20; i++) window.nunchi.track(i === 13 ? 'poison' : `good-${i}`)
      })
      await eventually(() => collector.ids().length).toBe(19)
      await track(page, 'after', 1)
      await eventually(() => collector.names()).toContain('after-0')
      expect(sent(collector.attempts, 'poison')).toBeLessThan(9)
      const reports = collector.attempts.filter(({ recorded }) => recorded).map(({ batch }) => batch.dropped)
      expect(reports).toContainEqual({ rejected: 1 })
      expect(reports.filter((dropped) => dropped)).toHaveLength(1)
      expect(await page.evaluate(() => window.nunchi.flush())).toEqual({ pending: 0 })
    },
  )

  it('is not the one who says 400 (a proxy, say): nothing is given up', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ before }) =>
      before < 2 ? { status: 400, body: '<h1>400 Bad Request</h1>' } : undefined
    const page = await world.visit()
    await track(page, 'kept', 3)
    await eventually(() => collector.attempts.length).toBeGreaterThan(0)
    await expectStored(collector, named('kept', 3), 25_000)
  })

  it('answers 413: smaller batches arrive, and what is too large alone is reported', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ batch }) =>
      JSON.stringify(batch).length > 8000 ? { status: 413, body: '{"code":"body_too_large"}' } : undefined
    const page = await world.visit()
    await page.evaluate(() => {
      for (let i = 0; i < 16; i++)
        window.nunchi.track(`sized-${i}`, { text: 'x'.repeat(i === 5 ? 9000 : 1500) })
    })
    await eventually(() => collector.ids().length).toBe(15)
    await track(page, 'after', 1)
    await eventually(() => collector.names()).toContain('after-0')
    const reports = collector.attempts.filter(({ recorded }) => recorded).map(({ batch }) => batch.dropped)
    expect(reports).toContainEqual({ event_too_large: 1 })
    expect(collector.duplicates()).toBe(0)
  })

  it('stands behind a proxy whose 413 looks like no network: a probe finds the size that passes', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = ({ batch }) =>
      JSON.stringify(batch).length > 24_000 ? { status: 413, noCors: true, body: '<h1>413</h1>' } : undefined
    const page = await world.visit()
    await page.evaluate(() => {
      for (let i = 0; i < 20; i++) window.nunchi.track(`proxied-${i}`, { text: 'x'.repeat(2000) })
    })
    await expectStored(collector, named('proxied', 20), 25_000)
    expect(
      collector.attempts.filter(({ recorded }) => recorded).some(({ batch }) => batch.events.length > 1),
    ).toBe(true)
  })

  it('answers late: what was tracked meanwhile waits its turn, and nothing is sent twice', async () => {
    const { collector, site } = world
    site.put('/', modulePage(collector.url))
    collector.fate = () => ({ delay: 600 })
    const page = await world.visit()
    for (let round = 0; round < 5; round++) {
      await track(page, `slow${round}`, 2)
      await page.waitForTimeout(200)
    }
    await expectStored(collector, Array.from({ length: 5 }, (_, round) => named(`slow${round}`, 2)).flat())
    expect(collector.duplicates()).toBe(0)
    expect(collector.crowd).toBe(1)
  })

  it('has no network to be reached by: nothing is tried, and all is sent when it is back', async () => {
    const { collector, site, visitor } = world
    site.put('/', modulePage(collector.url))
    const page = await world.visit()
    await visitor.setOffline(true)
    await track(page, 'offline', 50)
    await page.waitForTimeout(500)
    await visitor.setOffline(false)
    await expectStored(collector, named('offline', 50))
    const order = collector.events().map(({ seq }) => seq)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(collector.attempts[0]!.gzip).toBe(true)
  })
})
