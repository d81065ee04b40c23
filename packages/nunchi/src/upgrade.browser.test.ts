/** Versions that meet on one device: what an older or a newer nunchi has left in IndexedDB and localStorage. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNunchi } from './nunchi.ts'
import { waitFor } from './test/wait-for.ts'

interface Sent {
  events: { id: string; anonymousId: string }[]
}

let names = 0
let name = ''
let sent: Sent[] = []
let warnings: unknown[] = []
const clients: { close(): unknown }[] = []

beforeEach(() => {
  name = `upgrade-test-${Date.now()}-${++names}`
  sent = []
  warnings = []
  // So that bodies can be read here.
  vi.stubGlobal('CompressionStream', undefined)
  vi.spyOn(window, 'fetch').mockImplementation(async (_url, init) => {
    const batch = JSON.parse(`${init!.body}`)
    sent.push(batch)
    return new Response(JSON.stringify({ batch: batch.id }), { status: 202 })
  })
  vi.spyOn(console, 'warn').mockImplementation((text) => warnings.push(text))
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
})

const done = <Result>(request: IDBRequest<Result>) =>
  new Promise<Result>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Writes records as a version of nunchi did whose database has the number `version` and the stores `stores`. */
async function leave(records: object, version = 1, stores = ['events']): Promise<void> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => {
    for (const store of stores) request.result.createObjectStore(store)
  }
  const database = await done(request)
  const transaction = database.transaction('events', 'readwrite')
  for (const [id, value] of Object.entries(records)) transaction.objectStore('events').put(value, id)
  await new Promise((resolve) => {
    transaction.oncomplete = resolve
  })
  database.close()
}

async function found(): Promise<[version: number, ids: IDBValidKey[]]> {
  const database = await done(indexedDB.open(name))
  const ids = await done(database.transaction('events').objectStore('events').getAllKeys())
  const { version } = database
  database.close()
  return [version, ids]
}

function open() {
  const client = createNunchi({ key: 'nk_pub_test', host: 'http://test.invalid', name, flushInterval: 10 })
  clients.push(client)
  return client
}
const sentIds = () => sent.flatMap(({ events }) => events.map(({ id }) => id)).toSorted()

/** As 0.1.0 has written it: this text must not change. */
const old = {
  '01993b8e-7a01-7000-8000-000000000001': {
    json: '{"id":"01993b8e-7a01-7000-8000-000000000001","type":"track","name":"old"}',
    size: 73,
    keep: false,
  },
  // Without a mark: `keep` was not always there.
  '01993b8e-7a01-7000-8000-000000000002': {
    json: '{"id":"01993b8e-7a01-7000-8000-000000000002","type":"identify","name":"identify"}',
    size: 81,
  },
}
/** As some version to come may write it. */
const packed = { v: 2, packed: new Uint8Array([1, 2, 3]) }

describe('reliability 21: after an upgrade', () => {
  it('what 0.1.0 left in its queue, its tail and its ids is delivered, by the same visitor', async () => {
    await leave(old)
    const tail = '01993b8e-7a01-7000-8000-000000000003'
    localStorage.setItem(`${name}.id`, '{"anonymousId":"5f1c9be02d7a4438a6d0c2e19b7f35e8"}')
    localStorage.setItem(
      `${name}.tail.00000000000a`,
      JSON.stringify([{ id: tail, json: `{"id":"${tail}","type":"track","name":"tail"}`, size: 74 }]),
    )
    const client = open()
    expect(client.anonymousId).toBe('5f1c9be02d7a4438a6d0c2e19b7f35e8')
    expect(await client.flush()).toEqual({ pending: 0 })
    expect(sentIds()).toEqual([...Object.keys(old), tail])
    expect((await found())[1]).toEqual([])
    expect(Object.keys(localStorage).filter((key) => key.includes('tail'))).toEqual([])
  })
})

describe('reliability 21: after a downgrade', () => {
  it('records that we know are delivered, others stay where they are, with the newer database around them', async () => {
    const unknown = { '01993b8e-7a01-7000-8000-00000000000a': packed, '~newer': 'text' }
    const richer = Object.entries(old).map(([id, entry]) => [id, { ...entry, attempts: 3, addedLater: {} }])
    await leave({ ...Object.fromEntries(richer), ...unknown }, 7, ['events', 'attempts'])
    localStorage.setItem(`${name}.tail.00000000000b`, '{"v":2,"packed":"x"}')
    const client = open()
    expect(await client.track('ours')).toEqual({ durable: true })
    await client.flush()
    expect(sentIds()).toEqual([...Object.keys(old), expect.any(String)].toSorted())
    expect(await found()).toEqual([7, Object.keys(unknown)])
    expect(localStorage.getItem(`${name}.tail.00000000000b`)).toBe('{"v":2,"packed":"x"}')
    expect(warnings).toEqual([])
  })

  it('on a full device they stay too, when all that we know is given up', async () => {
    await leave({ ...old, '01993b8e-7a01-7000-8000-00000000000a': packed })
    const put = IDBObjectStore.prototype.put
    let full = true
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      if (!full) return put.apply(this, args)
      full = false
      throw new DOMException('full', 'QuotaExceededError')
    })
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    expect(await open().track('new', { text: 'x'.repeat(500) })).toEqual({ durable: true })
    expect((await found())[1]).toEqual(['01993b8e-7a01-7000-8000-00000000000a', expect.any(String)])
  })

  it('a database without our store means memory, not an error: the newer version’s data stays', async () => {
    const newer = indexedDB.open(name, 9)
    newer.onupgradeneeded = () => newer.result.createObjectStore('batches')
    ;(await done(newer)).close()
    const client = open()
    expect(await client.track('ours')).toEqual({ durable: false })
    await waitFor(() => expect(sent).toHaveLength(1))
    const database = await done(indexedDB.open(name))
    expect([database.version, [...database.objectStoreNames]]).toEqual([9, ['batches']])
    database.close()
  })
})
