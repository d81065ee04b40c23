/** The real browser clients of Segment and RudderStack, in Chromium, against the real collector: every call one row. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumHint } from '../../../../scripts/lib/chromium.ts'
import { openRiver, type River } from '../security/river.ts'
import { openVisits, type Visits } from './visit.ts'
import { type Fate, openWay, type Way, withoutTimes } from './way.ts'

let river: River
let visits: Visits | undefined
let way: Way

beforeAll(async () => {
  ;[river, visits] = await Promise.all([openRiver(), openVisits()])
}, 120_000)
afterAll(async () => {
  await visits?.close()
  await river?.close()
})
beforeEach(async ({ skip }) => {
  if (!visits) return skip(chromiumHint)
  visits.errors.length = 0
  way = await openWay(river.collector)
})
afterEach(async () => {
  await visits?.leave()
  await way?.close()
  if (visits) expect(visits.errors, 'nothing throws into the page').toEqual([])
})

interface Row {
  type: string
  name: string
  user_id: string | null
  anonymous_id: string
  group_id: string | null
  previous_id: string | null
  page_url: string
  page_title: string
  properties: { [name: string]: unknown } | null
  context: { [name: string]: unknown }
  occurred_at: Date
  received_at: Date
  clock_suspect: boolean
  sdk: string
}

const rows = () => river.rows<Row>('select * from nunchi.analytics_events order by type, name')

/** Every kind of call, as both clients spell it; what it sends last is `last`. */
const everyCall = `
  client.page('Home')
  client.track('Product Added', { sku: 'lamp', price: 39 })
  client.alias('user-2', 'user-1')
  client.identify('user-1', { plan: 'free' })
  client.group('g-1', { seats: 3 })
  for (let i = 0; i < 3; i++) client.track('Same', { place: 'list' })`

const everyRow = [
  ['alias', 'alias'],
  ['group', 'group'],
  ['identify', 'identify'],
  ['page', 'Home'],
  ['track', 'Product Added'],
  ['track', 'Same'],
  ['track', 'Same'],
  ['track', 'Same'],
]

/** Waits until the rows are there, and a little longer for one that would be too many. */
async function expectEachOnce(page: Page): Promise<Row[]> {
  const names = async () => (await rows()).map((row) => [row.type, row.name])
  await expect.poll(names, { timeout: 45_000 }).toEqual(everyRow)
  await expect.poll(() => way.attempts.at(-1)?.fate, { timeout: 45_000 }).toBe('pass')
  await page.waitForTimeout(500)
  expect(await names()).toEqual(everyRow)
  return rows()
}

const clients = [
  ['analytics-js', {}, 'POST /v1/t'],
  [
    'analytics-js',
    {
      integrations: {
        'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 3, timeout: 200 } } },
      },
    },
    'POST /v1/b',
  ],
  ['rudderstack', { queueOptions: { minRetryDelay: 100, maxRetryDelay: 300 } }, 'POST /v1/track'],
  [
    'rudderstack',
    { queueOptions: { batch: { enabled: true, maxItems: 3, flushInterval: 200 } } },
    'POST /v1/batch',
  ],
  [
    'rudderstack',
    { useBeacon: true, beaconQueueOptions: { flushQueueInterval: 200 } },
    'POST /beacon/v1/batch',
  ],
] as const

describe.each(clients)('%s, %o', (client, options, path) => {
  beforeEach(() => river?.rows('truncate nunchi.analytics_events'))

  it('delivers every kind of call once, with who, where and by what', { timeout: 90_000 }, async () => {
    const page = await visits!.open(client, river.key, way.url, options)
    await page.evaluate(everyCall)
    const stored = await expectEachOnce(page)
    expect(way.seen).toContain(path)
    expect(new Set(stored.map((row) => row.anonymous_id)).size).toBe(1)
    const [alias, group, identify, home, added] = stored
    expect(alias).toMatchObject({ user_id: 'user-2', previous_id: 'user-1' })
    expect(group).toMatchObject({ group_id: 'g-1', properties: { seats: 3 } })
    expect(identify).toMatchObject({ user_id: 'user-1', properties: { plan: 'free' } })
    expect(home).toMatchObject({ page_title: 'Tea', properties: { campaign: { source: 'news' } } })
    expect(home?.page_url).toContain(`${visits!.origin}/${client}`)
    expect(added?.properties).toEqual({ sku: 'lamp', price: 39 })
    for (const row of stored) {
      expect(row.clock_suspect).toBe(false)
      expect(Math.abs(row.occurred_at.getTime() - row.received_at.getTime())).toBeLessThan(60_000)
      expect(row.context).toMatchObject({
        deviceClass: 'desktop',
        browser: 'Chrome',
        os: 'Windows',
        locale: 'ko-KR',
      })
      expect(row.context).not.toHaveProperty('bot')
      expect(row.sdk).toMatch(/^(?:analytics\.js\/npm|RudderLabs JavaScript SDK)/)
    }
  })
})

// A beacon has no answer, so its sender cannot know that it should send again.
describe.each(clients.filter(([, , path]) => !path.startsWith('POST /beacon')))(
  '%s, %o',
  (client, options) => {
    beforeEach(() => river?.rows('truncate nunchi.analytics_events'))

    it.each<[string, Fate[], (body: string) => string]>([
      [
        'replies are cut after the commit, and requests refused before it',
        ['cut', 'fail', 'refuse'],
        (body) => body,
      ],
      ['no message says when it happened', ['cut', 'pass', 'fail'], withoutTimes],
    ])('loses nothing and doubles nothing where %s', { timeout: 120_000 }, async (_, fates, rewrite) => {
      way.fate = (before) => fates[before] ?? 'pass'
      way.rewrite = rewrite
      const page = await visits!.open(client, river.key, way.url, options)
      await page.evaluate(everyCall)
      const stored = await expectEachOnce(page)
      expect(way.attempts.filter((one) => one.fate !== 'pass').length).toBeGreaterThan(1)
      if (rewrite === withoutTimes) for (const row of stored) expect(row.occurred_at).toEqual(row.received_at)
    })
  },
)

// What each client keeps on the device and sends again on the next page, after a while.
describe.each([
  ['analytics-js', {}],
  ['rudderstack', {}],
] as const)('%s, left while no answer came through', (client, options) => {
  beforeEach(() => river?.rows('truncate nunchi.analytics_events'))

  it('sends again on the next page what was committed already: still one row each', {
    timeout: 120_000,
  }, async () => {
    way.fate = () => 'cut'
    const page = await visits!.open(client, river.key, way.url, options)
    await page.evaluate(everyCall)
    // How much a client sends while it hears nothing is its own affair.
    await expect.poll(async () => (await rows()).length, { timeout: 45_000 }).toBeGreaterThan(0)
    const before = way.attempts.length
    way.fate = () => 'pass'
    await page.reload()
    await expect.poll(() => way.attempts.length, { timeout: 60_000 }).toBeGreaterThan(before)
    await expectEachOnce(page)
  })
})
