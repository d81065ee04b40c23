import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from '../store.ts'
import { indexedDbStore } from './store.ts'

let names = 0
/** A database of its own for each test. */
const fresh = () => `store-test-${Date.now()}-${++names}`
const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id,
  json: `{"id":"${id}"}`,
  size: 10,
  ...more,
})
const ids = (entries: Entry[]) => entries.map(({ id }) => id)

/** Opens the database as another tab or version would. */
function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.result.createObjectStore('events')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

const done = (request: IDBRequest) =>
  new Promise((resolve, reject) => {
    request.onsuccess = resolve
    request.onerror = reject
  })

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('the store on the device', () => {
  it('gives back what was added, oldest first, whatever the order of adding', async () => {
    const store = indexedDbStore(fresh())
    await store.add([entry('c'), entry('a', { keep: true })])
    await store.add([entry('b')])
    expect(await store.oldest(10)).toEqual([entry('a', { keep: true }), entry('b'), entry('c')])
    expect(ids(await store.oldest(2))).toEqual(['a', 'b'])
    expect(ids(await store.oldest(2, 'b'))).toEqual(['c'])
    expect(await store.oldest(2, 'c')).toEqual([])
    expect(await store.count()).toBe(3)
  })

  it('has what add() resolved for: another connection sees it at once', async () => {
    const name = fresh()
    await indexedDbStore(name).add([entry('a')])
    const database = await openDatabase(name)
    const request = database.transaction('events').objectStore('events').get('a')
    await done(request)
    expect(request.result).toEqual({ json: '{"id":"a"}', size: 10, keep: undefined })
    database.close()
  })

  it('resolves add() only after the transaction has completed, not when its requests have', async () => {
    const store = indexedDbStore(fresh())
    await store.add([entry('a')])
    const order: string[] = []
    const put = IDBObjectStore.prototype.put
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = put.apply(this, args)
      request.addEventListener('success', () => order.push('request'))
      this.transaction.addEventListener('complete', () => order.push('complete'))
      return request
    })
    await store.add([entry('b')])
    order.push('resolved')
    expect(order).toEqual(['request', 'complete', 'resolved'])
  })

  it('removes the named ids only: an older one that another tab commits meanwhile stays', async () => {
    const name = fresh()
    const [one, other] = [indexedDbStore(name), indexedDbStore(name)]
    await one.add([entry('b'), entry('c')])
    const round = await one.oldest(10)
    await other.add([entry('a'), entry('bb')])
    await one.remove(ids(round))
    expect(ids(await one.oldest(10))).toEqual(['a', 'bb'])
  })

  it('replaces an entry that is added again: it is there once', async () => {
    const store = indexedDbStore(fresh())
    await store.add([entry('a')])
    await store.add([entry('a', { json: '{"id":"a","n":2}' })])
    expect(await store.oldest(10)).toEqual([entry('a', { json: '{"id":"a","n":2}' })])
  })

  it('keeps records of a format it does not know, and shows them without text', async () => {
    const name = fresh()
    const store = indexedDbStore(name)
    await store.add([entry('b')])
    const database = await openDatabase(name)
    await done(database.transaction('events', 'readwrite').objectStore('events').put({ packed: 1 }, 'a'))
    await done(database.transaction('events', 'readwrite').objectStore('events').put('text', 'c'))
    database.close()
    const [first, second, third] = await store.oldest(10)
    expect([first!.json, second!.json, third!.json]).toEqual([undefined, '{"id":"b"}', undefined])
    await store.remove(['b'])
    expect(ids(await store.oldest(10))).toEqual(['a', 'c'])
  })

  it('clears by removing the database itself, also before it was ever used', async () => {
    const name = fresh()
    await indexedDbStore(name).clear()
    const store = indexedDbStore(name)
    await store.add([entry('a')])
    await store.clear()
    expect([await store.oldest(10), await store.count(), await store.remove(['a'])]).toEqual([
      [],
      0,
      undefined,
    ])
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name)
    await store.add([entry('b')])
    expect(ids(await store.oldest(10))).toEqual(['b'])
  })

  it('makes way when another connection deletes the database, and opens it anew', async () => {
    const name = fresh()
    const store = indexedDbStore(name)
    await store.add([entry('a')])
    const request = indexedDB.deleteDatabase(name)
    const blocked = vi.fn()
    request.onblocked = blocked
    await done(request)
    expect(blocked).not.toHaveBeenCalled()
    await store.add([entry('b')])
    expect(ids(await store.oldest(10))).toEqual(['b'])
  })

  it('makes way for another connection’s upgrade', async () => {
    const name = fresh()
    const store = indexedDbStore(name)
    await store.add([entry('a')])
    const request = indexedDB.open(name, 2)
    const blocked = vi.fn()
    request.onblocked = blocked
    await done(request)
    expect(blocked).not.toHaveBeenCalled()
    request.result.close()
    expect(ids(await store.oldest(10))).toEqual(['a'])
  })

  it.for([
    ['is missing', () => vi.stubGlobal('indexedDB', undefined)],
    [
      'throws on open',
      () =>
        vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
          throw new DOMException('no', 'SecurityError')
        }),
    ],
  ] as const)('rejects every operation, and throws in none, where IndexedDB %s', async ([, breakIt]) => {
    breakIt()
    const store = indexedDbStore(fresh())
    const operations = [store.add([entry('a')]), store.oldest(1), store.remove(['a']), store.count()]
    const results = await Promise.allSettled(operations)
    expect(results.map(({ status }) => status)).toEqual(operations.map(() => 'rejected'))
  })

  it('works again as soon as IndexedDB does', async () => {
    const store = indexedDbStore(fresh())
    const broken = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('no', 'UnknownError')
    })
    await expect(store.add([entry('a')])).rejects.toThrow()
    broken.mockRestore()
    await store.add([entry('b')])
    expect(ids(await store.oldest(10))).toEqual(['b'])
  })

  it('rejects within five seconds where an open hangs, and opens anew afterwards', async () => {
    const store = indexedDbStore(fresh())
    const hung = vi.spyOn(IDBFactory.prototype, 'open').mockReturnValue({} as IDBOpenDBRequest)
    const outcome = await store.add([entry('a')]).then(
      () => 'resolved',
      () => 'rejected',
    )
    expect(outcome).toBe('rejected')
    hung.mockRestore()
    await store.add([entry('b')])
    expect(ids(await store.oldest(10))).toEqual(['b'])
  })

  it('rejects with the name of a full quota, and keeps what it had', async () => {
    const store = indexedDbStore(fresh())
    await store.add([entry('a')])
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await expect(store.add([entry('b')])).rejects.toMatchObject({ name: 'QuotaExceededError' })
    expect(ids(await store.oldest(10))).toEqual(['a'])
  })

  it('adds all or nothing: an abort in the middle leaves no half', async () => {
    const store = indexedDbStore(fresh())
    await store.add([entry('a')])
    const put = IDBObjectStore.prototype.put
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = put.apply(this, args)
      if (args[1] === 'c') this.transaction.abort()
      return request
    })
    await expect(store.add([entry('b'), entry('c')])).rejects.toBeDefined()
    expect(ids(await store.oldest(10))).toEqual(['a'])
  })
})
