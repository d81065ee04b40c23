import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Rig, rig, someBatch } from '../../test/rig.ts'
import { type Serving, serveCollector } from './index.ts'

const open: Serving[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close(0)))
})

type Served = Rig & Serving & { events: string }

async function served(options: Parameters<typeof rig>[0] = {}, drainMs?: number): Promise<Served> {
  const it = await rig(options)
  const serving = await serveCollector({ collector: it.collector, port: 0, ...(drainMs ? { drainMs } : {}) })
  open.push(serving)
  return { ...it, ...serving, events: `${serving.url}/v1/events?key=${it.key}` }
}

/** Writes raw bytes, and gives back what came until the connection was closed (or `until` appears). */
function speak(url: string, pieces: string[], until = /never/): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let heard = ''
    socket.on('data', (data) => {
      heard += data
      if (until.test(heard)) socket.destroy()
    })
    socket.on('error', (error) => (heard ? resolve(heard) : reject(error)))
    socket.on('close', () => resolve(heard))
    for (const piece of pieces) socket.write(piece)
  })
}

const head = (key: string, headers: string): string =>
  `POST /v1/events?key=${key} HTTP/1.1\r\nHost: collector.example\r\nUser-Agent: x\r\n${headers}\r\n\r\n`

const post = (url: string, body: object = someBatch()): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) })

describe('a served collector', () => {
  it('takes events over one connection after another', async () => {
    const { events, rows } = await served()
    for (let i = 0; i < 3; i++) expect((await post(events)).status).toBe(202)
    expect(rows.size).toBe(3)
  })

  it('knows the address that a connection came from', async () => {
    const { events } = await served({
      rateLimit: { key: { perSecond: 9, burst: 9 }, client: { perSecond: 0.001, burst: 1 } },
    })
    expect((await post(events)).status).toBe(202)
    expect((await post(events)).status).toBe(429)
  })

  it('says by the listen error that a port is taken', async () => {
    const { url, collector } = await served()
    await expect(serveCollector({ collector, port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

describe('a body over the wire', () => {
  it('of which more comes than Content-Length says is not read beyond it', async () => {
    const { url, key, rows } = await served()
    const json = JSON.stringify(someBatch())
    const heard = await speak(url, [head(key, 'Content-Length: 10\r\nConnection: close'), json])
    expect(heard).toMatch(/^HTTP\/1\.1 400 /)
    expect(rows.size).toBe(0)
  })

  it('in chunks is stopped at 1 MB, and the sender hears why', async () => {
    const { url, key } = await served()
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const heard = await speak(
      url,
      [head(key, 'Transfer-Encoding: chunked'), ...Array<string>(20).fill(chunk)],
      /body_too_large/,
    )
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(heard).toContain('body_too_large')
  })

  it('that never ends is given up, and its connection closed', async () => {
    const { url, key, get } = await served({ bodyTimeoutMs: 50 })
    const heard = await speak(url, [head(key, 'Content-Length: 1000'), '{"id":'])
    expect(heard).toMatch(/^HTTP\/1\.1 408 /)
    expect(heard).toContain('body_timeout')
    expect(await (await get('/metrics')).text()).toContain('nunchi_body_bytes_in_flight 0\n')
  })

  it('that breaks off stores nothing and holds nothing', async () => {
    const { url, key, rows, get, log } = await served()
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.write(`${head(key, 'Content-Length: 1000')}{"id":`, () => socket.destroy())
    await expect.poll(() => log().some((line) => line['code'] === 'body_timeout')).toBe(true)
    expect(rows.size).toBe(0)
    expect(await (await get('/metrics')).text()).toContain('nunchi_body_bytes_in_flight 0\n')
  })
})

describe('closing', () => {
  it('answers what is under way, commits it, and takes nothing new', async () => {
    let release = (): void => {}
    const { events, state, rows, url, close } = await served()
    expect((await post(events)).status).toBe(202)
    state.wait = new Promise((resolve) => {
      release = resolve
    })
    const underWay = [post(events), post(events), post(events)]
    await expect
      .poll(async () => (await (await fetch(`${url}/metrics`)).text()).includes('in_flight 4\n'))
      .toBe(true)
    const closing = close()
    await expect
      .poll(() =>
        fetch(`${url}/health/live`).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed')
    release()
    for (const response of await Promise.all(underWay)) expect(response.status).toBe(202)
    await closing
    expect(rows.size).toBe(4)
  })

  it('says with each answer that its connection ends: nobody sends another request into the closing', async () => {
    let release = (): void => {}
    const { key, state, url, close } = await served()
    state.wait = new Promise((resolve) => {
      release = resolve
    })
    const json = JSON.stringify(someBatch())
    const heard = speak(url, [head(key, `Content-Length: ${Buffer.byteLength(json)}`), json])
    await expect
      .poll(async () => (await (await fetch(`${url}/metrics`)).text()).includes('in_flight 2\n'))
      .toBe(true)
    const closing = close()
    release()
    expect(await heard).toMatch(/^HTTP\/1\.1 202 [\s\S]*^connection: close\r$/im)
    await closing
  })

  it('does not wait for ever: after its time it cuts what still hangs', async () => {
    const { events, state, close } = await served({}, 50)
    await post(events)
    state.wait = new Promise(() => {})
    const hanging = post(events).then(
      (response) => response.status,
      () => 'cut',
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    await close()
    expect(await hanging).toBe('cut')
  })

  it('lets go of connections that are kept alive', async () => {
    const { url, close } = await served()
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    const gone = new Promise((resolve) => socket.once('close', resolve))
    await close()
    await gone
  })

  it('lets go of connections that never asked anything, as browsers open them in advance', async () => {
    const { url, close } = await served({}, 600_000)
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const gone = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('connect', resolve))
    await close()
    await gone
  })
})
