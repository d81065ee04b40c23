import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { modulePage } from './fixtures/site.ts'
import { openStored, type Row, type Stored } from './fixtures/stored.ts'
import { eventually, openWorld, ready } from './fixtures/world.ts'

let stored: Stored | undefined
let project: Awaited<ReturnType<Stored['project']>>
let devices: BrowserContext[] = []

beforeAll(async () => {
  stored = await openStored()
}, 60_000)
afterAll(() => stored?.close())
beforeEach(async ({ skip }) => {
  if (!stored) return skip(inject('postgres').missing.join(' '))
  project = await stored.project()
})

/** A person's browser: one that says it is automated is stored, and counted as nobody. */
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

/** The three ids of a row. */
const ids = ({ anonymous_id, user_id, previous_id }: Row) => [anonymous_id, user_id, previous_id]

/** The rows, once there are `count` of them, in the order in which they were made. */
async function rows(count: number): Promise<Row[]> {
  await eventually(async () => (await project.rows()).length).toBe(count)
  return project.rows()
}

/** Processes what waits until nothing is left; gives each event's name with the person that it is of now. */
async function persons(): Promise<[name: string, person: string][]> {
  const { app, sql } = stored!.database
  await eventually(async () => {
    // The collector does the same by itself: what it has claimed is not ours, and still waits.
    await app.call('process', {})
    const [left] = await sql.unsafe<{ waiting: number }[]>(
      `select count(*)::int as waiting from nunchi.event_processing_queue where processing_status <> 'done'`,
    )
    return left!.waiting
  }).toBe(0)
  const found = await sql.unsafe<{ name: string; person: string }[]>(
    `select name, nunchi.person_of(project_id, user_id, anonymous_id) as person
     from nunchi.analytics_events where project_id = $1 order by ts, seq`,
    [project.projectId],
  )
  return found.map(({ name, person }) => [name, person])
}

/** The links that processing has written. */
async function links(): Promise<Map<string, string>> {
  const found = await stored!.database.sql.unsafe<{ anonymous_id: string; user_id: string }[]>(
    'select anonymous_id, user_id from nunchi.identities where project_id = $1',
    [project.projectId],
  )
  return new Map(found.map((row) => [row.anonymous_id, row.user_id]))
}

describe('a person’s story', () => {
  const world = openWorld()

  /** A device with an empty profile, on the site's page. */
  async function device(): Promise<Page> {
    world.site.put('/', modulePage(stored!.url, `key: '${project.key}'`))
    const context = await world.browser.newContext({ userAgent })
    devices.push(context)
    return visit(context)
  }
  async function visit(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    await page.goto(world.site.url)
    await ready(page)
    return page
  }
  /** Calls the client's methods one after the other; each event is on the way before the next is made. */
  async function act(page: Page, ...calls: [method: string, ...args: unknown[]][]): Promise<void> {
    for (const call of calls)
      await page.evaluate(async ([method, ...args]) => {
        await window.nunchi[method](...args)
        await window.nunchi.flush()
      }, call)
  }
  afterEach(async () => {
    await Promise.all(devices.map((context) => context.close()))
    devices = []
  })

  it('from a visitor to a user: the visitor’s past is the user’s', async () => {
    const page = await device()
    await act(page, ['track', 'Looked'], ['identify', 'ann', { plan: 'free' }], ['track', 'Bought'])
    const sent = await rows(3)
    const visitor = sent[0]!.anonymous_id
    expect(visitor).toMatch(/^[\da-f]{32}$/)
    expect(sent.map(ids)).toEqual([
      [visitor, null, null],
      [visitor, 'ann', null],
      [visitor, 'ann', null],
    ])
    expect(await persons()).toEqual([
      ['Looked', 'ann'],
      ['identify', 'ann'],
      ['Bought', 'ann'],
    ])
    expect(await links()).toEqual(new Map([[visitor, 'ann']]))
  })

  it('on two devices: each has its own visitor, and both are the user', async () => {
    const [desk, phone] = [await device(), await device()]
    await act(desk, ['track', 'At the desk'], ['identify', 'ann'])
    await act(phone, ['track', 'On the phone'], ['identify', 'ann'])
    const sent = await rows(4)
    const [first, second] = [sent[0]!.anonymous_id, sent[2]!.anonymous_id]
    expect(first).not.toBe(second)
    expect(new Set((await persons()).map(([, person]) => person))).toEqual(new Set(['ann']))
    expect(await links()).toEqual(
      new Map([
        [first, 'ann'],
        [second, 'ann'],
      ]),
    )
  })

  it('on a shared device: after reset() it is another visitor and another visit', async () => {
    const page = await device()
    await act(page, ['identify', 'ann'], ['track', 'Ann’s'])
    await act(page, ['reset'], ['track', 'Whose?'], ['identify', 'bob'], ['track', 'Bob’s'])
    const sent = await rows(5)
    const [ann, bob] = [sent[0]!, sent[2]!]
    expect(sent.map(ids)).toEqual([
      [ann.anonymous_id, 'ann', null],
      [ann.anonymous_id, 'ann', null],
      [bob.anonymous_id, null, null],
      [bob.anonymous_id, 'bob', null],
      [bob.anonymous_id, 'bob', null],
    ])
    expect(ann.anonymous_id).not.toBe(bob.anonymous_id)
    expect(ann.session_id).not.toBe(bob.session_id)
    expect((await persons()).map(([, person]) => person)).toEqual(['ann', 'ann', 'bob', 'bob', 'bob'])
  })

  it('on a device that nobody reset: each event is its user’s, the visitor’s past the first one’s', async () => {
    const page = await device()
    await act(page, ['track', 'Whose?'], ['identify', 'ann'], ['identify', 'bob'], ['track', 'Bob’s'])
    const sent = await rows(4)
    expect(new Set(sent.map(({ anonymous_id }) => anonymous_id)).size).toBe(1)
    expect((await persons()).map(([, person]) => person)).toEqual(['ann', 'ann', 'bob', 'bob'])
    expect(await links()).toEqual(new Map([[sent[0]!.anonymous_id, 'ann']]))
  })

  it('under a new name: alias() carries all that was before over', async () => {
    const page = await device()
    await act(page, ['identify', 'temp-1'], ['track', 'Before'], ['alias', 'ann'], ['track', 'Between'])
    await act(page, ['identify', 'ann'], ['track', 'After'])
    const sent = await rows(6)
    const visitor = sent[0]!.anonymous_id
    expect(sent.map(ids)).toEqual([
      [visitor, 'temp-1', null],
      [visitor, 'temp-1', null],
      [visitor, 'ann', 'temp-1'],
      [visitor, 'temp-1', null],
      [visitor, 'ann', null],
      [visitor, 'ann', null],
    ])
    expect(new Set((await persons()).map(([, person]) => person))).toEqual(new Set(['ann']))
  })

  it('under a first name: alias() of a visitor without a user', async () => {
    const page = await device()
    await act(page, ['track', 'Before'], ['alias', 'ann'])
    const sent = await rows(2)
    const visitor = sent[0]!.anonymous_id
    expect(sent.map(ids)).toEqual([
      [visitor, null, null],
      [visitor, 'ann', visitor],
    ])
    expect((await persons()).map(([, person]) => person)).toEqual(['ann', 'ann'])
  })

  it('known late: what was counted as a visitor’s becomes the user’s', async () => {
    const page = await device()
    await act(page, ['track', 'First visit'])
    const [first] = await rows(1)
    expect(await persons()).toEqual([['First visit', first!.anonymous_id]])
    await page.close()
    const again = await visit(devices[0]!)
    await act(again, ['track', 'Second visit'], ['identify', 'ann'])
    const sent = await rows(3)
    expect(new Set(sent.map(({ anonymous_id }) => anonymous_id))).toEqual(new Set([first!.anonymous_id]))
    expect((await persons()).map(([, person]) => person)).toEqual(['ann', 'ann', 'ann'])
  })

  it('told out of order: the earlier link wins, whichever came first', async () => {
    const [offline, online] = [await device(), await device()]
    // The device’s link is made first, and arrives last.
    await devices[0]!.setOffline(true)
    await offline.evaluate(() => window.nunchi.identify('ann'))
    const visitor = await offline.evaluate(() => window.nunchi.anonymousId)
    const { origins } = await devices[0]!.storageState()
    expect(JSON.stringify(origins)).toContain(visitor)
    await online.evaluate(
      (id) => localStorage.setItem('nunchi.id', JSON.stringify({ anonymousId: id })),
      visitor,
    )
    await act(online, ['identify', 'bob'])
    await rows(1)
    await persons()
    expect(await links()).toEqual(new Map([[visitor, 'bob']]))
    await devices[0]!.setOffline(false)
    await offline.evaluate(() => window.nunchi.flush())
    await rows(2)
    expect((await persons()).map(([, person]) => person)).toEqual(['ann', 'bob'])
    expect(await links()).toEqual(new Map([[visitor, 'ann']]))
  })

  it('in two tabs: signing in on one is seen on the other', async () => {
    const page = await device()
    const other = await visit(devices[0]!)
    await act(page, ['identify', 'ann'])
    await act(other, ['track', 'In the other tab'])
    const sent = await rows(2)
    expect(sent[1]).toMatchObject({ anonymous_id: sent[0]!.anonymous_id, user_id: 'ann' })
  })
})
