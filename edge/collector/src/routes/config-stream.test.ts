import { describe, expect, it, onTestFinished } from 'vitest'
import { problemOf, rig } from '../../test/rig.ts'
import { createCollector, metrics } from '../index.ts'
import { configStream } from './config-stream.ts'

/** A collector that looks every few ms, and a reader of its streams. */
async function streaming(options: Parameters<typeof configStream>[0] = {}) {
  const made = await rig({ use: [configStream({ everyMs: 5, ...options }), metrics()], keyCacheMs: 1 })
  onTestFinished(() => made.collector.close())
  const publish = (version: string) => {
    made.state.config = { number: 1, version, config: { version, flags: {}, experiments: {} } }
  }
  publish('v1')
  const open = () => made.get(`/v1/config/stream?key=${made.key}`)
  return { ...made, publish, open }
}

/** Reads a stream until its text holds `wanted`; to its end where that is undefined. */
async function readUntil(response: Response, wanted?: string): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
    if (wanted !== undefined && text.includes(wanted)) {
      await reader.cancel()
      return text
    }
  }
}

describe('GET /v1/config/stream', () => {
  it('is closed to whoever has no key', async () => {
    const { get } = await streaming()
    expect(await problemOf(await get('/v1/config/stream'))).toMatchObject({ code: 'key_missing' })
  })

  it('says the version in force at once, and each new one', async () => {
    const { open, publish } = await streaming()
    const response = await open()
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const read = readUntil(response, 'data: v2')
    publish('v2')
    expect(await read).toBe('retry: 3000\nevent: config\ndata: v1\n\nevent: config\ndata: v2\n\n')
  })

  it('makes one frame of a version, whatever stands in it', async () => {
    const { open, publish } = await streaming()
    const read = readUntil(await open(), 'data: evilevent')
    publish('evil\r\nevent: x\n\ndata: y')
    expect((await read).split('\n\n').filter(Boolean)).toHaveLength(2)
  })

  it('looks once for all who listen', async () => {
    const { open, publish, calls } = await streaming({ everyMs: 20 })
    const many = await Promise.all(Array.from({ length: 20 }, open))
    const before = calls.filter((fn) => fn === 'config').length
    publish('v2')
    await Promise.all(many.map((one) => readUntil(one, 'data: v2')))
    expect(calls.filter((fn) => fn === 'config').length - before).toBeLessThan(20)
  })

  it('ends when its key is revoked', async () => {
    const { open, revoke, key } = await streaming()
    const read = readUntil(await open())
    await revoke(key)
    expect(await read).toContain('data: v1')
  })

  it('ends when the collector drains, and after its time', async () => {
    const { open, collector } = await streaming()
    const drained = readUntil(await open())
    collector.drain()
    expect(await drained).toContain('data: v1')
    const short = await streaming({ lifeMs: 10 })
    expect(await readUntil(await short.open())).toContain('data: v1')
  })

  it('lets go of a page that does not read, and of one that went away', async () => {
    const { open, publish, get } = await streaming()
    await open()
    const gone = await open()
    await gone.body?.cancel()
    const openStreams = async () =>
      /nunchi_config_streams (\d+)/.exec(await (await get('/metrics')).text())?.[1]
    expect(await openStreams()).toBe('1')
    let version = 0
    const timer = setInterval(() => publish(`n${version++}`), 2)
    onTestFinished(() => clearInterval(timer))
    await expect.poll(openStreams, { timeout: 10_000 }).toBe('0')
  })

  it('is refused beyond its bound, with the time to come again', async () => {
    const { open } = await streaming({ most: 1 })
    await open()
    const problem = await open()
    expect(problem.headers.get('retry-after')).toBe('60')
    expect(await problemOf(problem)).toMatchObject({ code: 'storage_unavailable', status: 503 })
  })

  it('answers 204 where no storage outlives the request: the page asks by itself then', async () => {
    const { storage, key } = await streaming()
    const collector = createCollector({ use: [configStream()], log: () => {} })
    const request = new Request(`https://collector.example/v1/config/stream?key=${key}`)
    expect((await collector.fetch(request, { storage })).status).toBe(204)
  })
})
