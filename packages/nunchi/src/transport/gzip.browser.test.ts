import { afterEach, describe, expect, it, vi } from 'vitest'
import { gzip } from './gzip.ts'
import type { Delivery, Reply } from './transport.ts'

afterEach(() => vi.unstubAllGlobals())

const url = 'http://test.invalid/v1/events?key=k'
const long = JSON.stringify({ text: 'événement 이벤트 🎉 '.repeat(200) })

/** What reaches the inner transport. */
async function sent(delivery: Omit<Delivery, 'url'>): Promise<Delivery> {
  const inner = vi.fn(async (): Promise<Reply> => ({ status: 202 }))
  expect(await gzip(inner)({ url, ...delivery })).toEqual({ status: 202 })
  return (inner.mock.calls as unknown as [Delivery][])[0]![0]
}

const unpack = (bytes: Uint8Array<ArrayBuffer>) =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text()

/** A CompressionStream that answers with these bytes, whatever it is given. */
const answering = (...chunks: number[][]) =>
  class {
    readable: ReadableStream
    writable: WritableStream
    constructor() {
      const { readable, writable } = new TransformStream({
        transform() {},
        flush(controller) {
          for (const chunk of chunks) controller.enqueue(new Uint8Array(chunk))
        },
      })
      this.readable = readable
      this.writable = writable
    }
  }

describe('gzip', () => {
  it('sends a large batch compressed and announced, and it unpacks to the same text', async () => {
    const { body, url: address } = await sent({ body: long })
    const bytes = body as Uint8Array<ArrayBuffer>
    expect(address).toBe(`${url}&gzip=1`)
    expect([bytes[0], bytes[1]]).toEqual([0x1f, 0x8b])
    expect(bytes.length).toBeLessThan(long.length / 5)
    expect(await unpack(bytes)).toBe(long)
  })

  it('sends plain text, now and from then on, where the collector cannot unpack what was compressed', async () => {
    const truncated = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, ...Array.from({ length: 40 }, () => 7)]
    vi.stubGlobal('CompressionStream', answering(truncated))
    const inner = vi.fn(
      async ({ body }: Delivery): Promise<Reply> =>
        typeof body === 'string'
          ? { status: 202, body: { batch: 'b' } }
          : { status: 400, body: { code: 'body_encoding' } },
    )
    const send = gzip(inner)
    expect(await send({ url, body: long })).toEqual({ status: 202, body: { batch: 'b' } })
    await send({ url, body: long })
    expect(inner.mock.calls.map(([{ body }]) => typeof body)).toEqual(['object', 'string', 'string'])
    expect(inner.mock.calls[1]![0]).toEqual({ url, body: long })
  })

  it('passes on any other refusal of a compressed batch', async () => {
    for (const reply of [
      { status: 400, body: { code: 'batch_malformed' } },
      { status: 413 },
      { status: 0 },
    ]) {
      const inner = vi.fn(async (): Promise<Reply> => reply)
      expect(await gzip(inner)({ url, body: long })).toEqual(reply)
      expect(inner).toHaveBeenCalledTimes(1)
    }
  })

  it('leaves a small batch as it is', async () => {
    expect(await sent({ body: '{"small":1}' })).toEqual({ url, body: '{"small":1}' })
  })

  it('leaves everything as it is while the page goes away: there is no time', async () => {
    expect(await sent({ body: long, leaving: true })).toEqual({ url, body: long, leaving: true })
  })

  it.for([
    ['is missing', undefined],
    [
      'throws',
      class {
        constructor() {
          throw new TypeError('no')
        }
      },
    ],
    ['answers nothing', answering()],
    ['answers with a truncated stream', answering([0x1f, 0x8b, 8, 0])],
    ['answers with something that is no gzip', answering(Array.from({ length: 64 }, () => 1))],
    [
      'fails in the middle',
      class {
        readable = new ReadableStream({
          pull(controller) {
            controller.error(new DOMException('no', 'NotReadableError'))
          },
        })
        writable = new WritableStream()
      },
    ],
  ] as const)('sends plain text where CompressionStream %s', async ([, broken]) => {
    vi.stubGlobal('CompressionStream', broken)
    expect(await sent({ body: long })).toEqual({ url, body: long })
  })
})
