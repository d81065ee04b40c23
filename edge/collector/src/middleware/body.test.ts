import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { problemOf, rig, someBatch, someEvent } from '../../test/rig.ts'

const limit = 1_048_576

/** A good batch of exactly so many bytes: JSON may end in spaces. */
function padded(bytes: number): string {
  const json = JSON.stringify(someBatch())
  return json + ' '.repeat(bytes - new TextEncoder().encode(json).length)
}

/** A GB of zeros in less than 1 MB of gzip: the same flushed block 128 times, so that nobody compresses a GB. */
function bomb(): Uint8Array {
  const options = { level: 9, finishFlush: constants.Z_FULL_FLUSH }
  const block = deflateRawSync(new Uint8Array(8 * 1024 * 1024), options)
  const header = gzipSync('').subarray(0, 10)
  return Buffer.concat([header, ...Array<Uint8Array>(128).fill(block), deflateRawSync(''), new Uint8Array(8)])
}

/** Sends text in pieces, as a body without Content-Length. */
function chunked(text: string, pieceBytes = 65_536): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(at, at + pieceBytes))
      at += pieceBytes
      if (at >= bytes.length) controller.close()
    },
  })
}

describe('the size of a body', () => {
  it('security 9: may be 1 MB and not a byte more, with or without Content-Length', async () => {
    const { post, rows } = await rig()
    expect((await post(padded(limit))).status).toBe(202)
    expect((await post(chunked(padded(limit)))).status).toBe(202)
    expect(rows.size).toBe(2)
    for (const over of [padded(limit + 1), chunked(padded(limit + 1))]) {
      const response = await post(over)
      expect(response.status).toBe(413)
      expect((await problemOf(response)).code).toBe('body_too_large')
    }
    expect(rows.size).toBe(2)
  })

  it('security 9: is what arrives, whatever Content-Length says', async () => {
    const { post } = await rig()
    const response = await post(chunked(padded(limit + 1)), { headers: { 'content-length': '10' } })
    expect(response.status).toBe(413)
  })

  it('security 10: is counted after decompression: a bomb stops at the limit, soon and in little memory', async () => {
    const { post } = await rig()
    const packed = bomb()
    expect(packed.length).toBeLessThan(limit)
    const before = process.memoryUsage().rss
    const response = await post(packed, { query: 'gzip=1' })
    const grown = process.memoryUsage().rss - before
    expect(response.status).toBe(413)
    expect((await problemOf(response)).code).toBe('body_too_large')
    expect(grown).toBeLessThan(50 * 1024 * 1024)
  })

  it('counts against what all bodies may hold at once, and is given back afterwards', async () => {
    let release = (): void => {}
    const { post, state } = await rig({ maxInFlightBytes: 1_000_000 })
    expect((await post(padded(600_000))).status).toBe(202)
    state.wait = new Promise((resolve) => {
      release = resolve
    })
    const first = post(padded(600_000))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const second = await post(padded(600_000))
    expect(second.status).toBe(503)
    expect(second.headers.get('retry-after')).toBe('1')
    release()
    expect((await first).status).toBe(202)
    expect((await post(padded(600_000))).status).toBe(202)
  })
})

describe('a compressed body', () => {
  const json = () => JSON.stringify(someBatch())

  it.each<[string, { query?: string; headers?: Record<string, string> }]>([
    ['?gzip=1', { query: 'gzip=1' }],
    ['Content-Encoding: gzip', { headers: { 'content-encoding': 'gzip' } }],
    ['its first bytes alone', {}],
  ])('announced by %s is read', async (_, init) => {
    const { post, rows } = await rig()
    expect((await post(gzipSync(json()), init)).status).toBe(202)
    expect(rows.size).toBe(1)
  })

  it.each<[string, () => string | Uint8Array, { query?: string; headers?: Record<string, string> }, number]>([
    ['compressed twice', () => gzipSync(gzipSync(json())), { query: 'gzip=1' }, 400],
    ['cut short', () => gzipSync(json()).subarray(0, 60), { query: 'gzip=1' }, 400],
    ['damaged', () => gzipSync(json()).fill(0, 20, 40), { query: 'gzip=1' }, 400],
    ['announced as gzip, but plain', json, { query: 'gzip=1' }, 400],
    ['announced as gzip, but empty', () => '', { query: 'gzip=1' }, 400],
    ['encoded with br', json, { headers: { 'content-encoding': 'br' } }, 415],
    ['encoded with gzip, gzip', json, { headers: { 'content-encoding': 'gzip, gzip' } }, 415],
    ['encoded with something', json, { headers: { 'content-encoding': 'rot13' } }, 415],
  ])('security 11: %s is refused', async (_, body, init, status) => {
    const { post, rows } = await rig()
    const response = await post(body(), init)
    expect(response.status).toBe(status)
    expect((await problemOf(response)).code).toBe('body_encoding')
    expect(rows.size).toBe(0)
  })
})

describe('a body that comes slowly', () => {
  it('security 27: is given up in its time', async () => {
    const { post, rows } = await rig({ bodyTimeoutMs: 20 })
    let stopped = false
    const never = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')),
      cancel() {
        stopped = true
      },
    })
    const response = await post(never)
    expect(response.status).toBe(408)
    expect((await problemOf(response)).code).toBe('body_timeout')
    expect(rows.size).toBe(0)
    expect(stopped).toBe(true)
  })

  it('or breaks off is no batch', async () => {
    const { post } = await rig()
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'))
        controller.error(new Error('reset'))
      },
    })
    expect((await problemOf(await post(broken))).code).toBe('body_timeout')
  })
})

it('takes any Content-Type, also none, and keeps all of Unicode', async () => {
  const { post, rows } = await rig()
  const event = someEvent({ properties: { tea: '차 🍵 \u2028' } })
  for (const type of ['text/plain;charset=UTF-8', 'application/json', 'application/octet-stream'])
    expect((await post(someBatch([event]), { headers: { 'content-type': type } })).status).toBe(202)
  expect([...rows.values()]).toEqual([event])
})
