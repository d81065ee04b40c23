import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNunchi } from './nunchi.ts'
import { waitFor } from './test/wait-for.ts'

interface Sent {
  events: { name: string; type: string }[]
  dropped?: Record<string, number>
}

let names = 0
let name = ''
let sent: Sent[] = []
/** Whether the collector answers. */
let up = true
let warnings: string[] = []
const clients: { close(): unknown }[] = []

const sentNames = () => sent.flatMap(({ events }) => events.map((event) => event.name))

beforeEach(() => {
  name = `nunchi-test-${Date.now()}-${++names}`
  sent = []
  up = true
  // So that bodies can be read here.
  vi.stubGlobal('CompressionStream', undefined)
  vi.spyOn(window, 'fetch').mockImplementation(async (_url, init) => {
    if (!up) throw new TypeError('Failed to fetch')
    const batch = JSON.parse(`${init!.body}`)
    sent.push(batch)
    return new Response(JSON.stringify({ batch: batch.id }), { status: 202 })
  })
  warnings = []
  vi.spyOn(console, 'warn').mockImplementation((text) => warnings.push(text))
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
})

function open() {
  const client = createNunchi({ key: 'nk_pub_test', host: 'http://test.invalid', name, flushInterval: 10 })
  clients.push(client)
  return client
}

const stored = () =>
  new Promise<unknown[]>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const all = request.result.transaction('events').objectStore('events').getAll()
      all.onsuccess = () => {
        request.result.close()
        resolve(all.result.map(({ json }) => JSON.parse(json).name))
      }
    }
  })

describe('a client in a browser', () => {
  it('has in IndexedDB what track() resolved for, before anything is sent', async () => {
    up = false
    expect(await open().track('stored')).toEqual({ durable: true })
    expect(await stored()).toEqual(['stored'])
  })

  it('keeps it there until it is acknowledged, and not longer', async () => {
    up = false
    const client = open()
    await client.track('kept')
    expect(await client.flush()).toEqual({ pending: 1 })
    expect(await stored()).toEqual(['kept'])
    up = true
    expect(await client.flush()).toEqual({ pending: 0 })
    expect(await stored()).toEqual([])
    expect(sentNames()).toEqual(['kept'])
  })

  it('writes what one task tracks in one transaction', async () => {
    const client = open()
    await client.track('first')
    await client.flush()
    const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
    up = false
    await Promise.all(Array.from({ length: 100 }, (_, i) => client.track(`one task ${i}`)))
    expect(transactions.mock.calls.filter(([, mode]) => mode === 'readwrite')).toHaveLength(1)
  })
})

describe('without a working IndexedDB', () => {
  const missing = () => vi.stubGlobal('indexedDB', undefined)
  const throwing = () =>
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError')
    })

  it.for([
    ['it is missing', missing],
    ['opening it throws', throwing],
  ] as const)('(%s) events live in memory, one warning says so, and they are sent', async ([, breakIt]) => {
    breakIt()
    const client = open()
    expect(await client.track('first')).toEqual({ durable: false })
    expect(await client.track('second')).toEqual({ durable: false })
    await waitFor(() => expect(sentNames()).toEqual(['first', 'second']))
    expect(warnings.filter((text) => text.includes('store_unavailable'))).toHaveLength(1)
    expect(await client.flush()).toEqual({ pending: 0 })
  })

  it('events in memory move to the store once it works', async () => {
    up = false
    const broken = throwing()
    const client = open()
    expect(await client.track('waiting')).toEqual({ durable: false })
    broken.mockRestore()
    expect(await client.flush()).toEqual({ pending: 1 })
    expect(await stored()).toEqual(['waiting'])
  })

  it('reliability 7: an open that hangs is waited for no longer than five seconds; later all is one again', async () => {
    up = false
    const hung = vi.spyOn(IDBFactory.prototype, 'open').mockReturnValue({} as IDBOpenDBRequest)
    const client = open()
    const patience = new Promise((resolve) => setTimeout(resolve, 10_000, 'still waiting'))
    expect(await Promise.race([client.track('hung'), patience])).toEqual({ durable: false })
    expect(warnings.filter((text) => text.includes('store_unavailable'))).toHaveLength(1)
    hung.mockRestore()
    expect(await client.track('after')).toEqual({ durable: true })
    up = true
    await waitFor(() => expect(sentNames().toSorted()).toEqual(['after', 'hung']))
    expect(await client.flush()).toEqual({ pending: 0 })
  })
})

describe('reliability 5: with a full device', () => {
  it('the oldest clicks go, who somebody is stays, and the next batch says how many went', async () => {
    up = false
    const client = open()
    await client.identify('person')
    for (let i = 0; i < 5; i++) await client.track(`old-${i}`, { text: 'x'.repeat(500) })
    const put = IDBObjectStore.prototype.put
    let full = true
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      if (full) {
        full = false
        throw new DOMException('full', 'QuotaExceededError')
      }
      return put.apply(this, args)
    })
    const dropped: unknown[] = []
    client.on((stage, detail) => stage === 'dropped' && dropped.push(detail))
    expect(await client.track('new', { text: 'x'.repeat(500) })).toEqual({ durable: true })
    expect(await stored()).toEqual(['identify', 'old-2', 'old-3', 'old-4', 'new'])
    expect(dropped).toEqual([{ ids: [expect.any(String), expect.any(String)], reason: 'store_full' }])
    up = true
    await client.flush()
    expect(sentNames()).toEqual(['identify', 'old-2', 'old-3', 'old-4', 'new'])
    expect(sent[0]!.dropped).toEqual({ store_full: 2 })
    await client.track('next')
    await client.flush()
    expect(sent.at(-1)!.dropped).toBeUndefined()
  })

  it('that stays full, memory keeps what it can, and nothing throws', async () => {
    const client = open()
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    expect(await client.track('in memory')).toEqual({ durable: false })
    await waitFor(() => expect(sentNames()).toEqual(['in memory']))
  })
})

describe('security 66: Do Not Track', () => {
  it('is a refusal where the site says so, and is ignored where it does not', async () => {
    vi.spyOn(navigator, 'doNotTrack', 'get').mockReturnValue('1')
    const options = { key: 'nk_pub_test', host: 'http://test.invalid', name }
    const refused = createNunchi({ ...options, dnt: true })
    const ignored = createNunchi({ ...options, name: `${name}-2` })
    clients.push(refused, ignored)
    expect(await refused.track('a')).toEqual({ durable: false })
    expect(await ignored.track('a')).toEqual({ durable: true })
    expect(Object.keys(localStorage).filter((key) => key.startsWith(`${name}.`))).toEqual([])
  })
})
