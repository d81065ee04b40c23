/** `nunchi verify` against collectors in order, in trouble, and things that are no collector at all. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Serving, serveCollector } from '@nunchi/collector/node'
import { createKey } from '@nunchi/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { cli } from '../../test/in-process.ts'
import { addKey } from '../keys.ts'
import { type LocalCollector, localCollector } from '../local/collector.ts'

let dir: string
let local: LocalCollector
let serving: Serving
const lines: string[] = []

beforeAll(async () => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  dir = mkdtempSync(join(tmpdir(), 'nunchi-verify-'))
  local = await localCollector({
    data: dir,
    project: 'shop',
    onStep: () => {},
    log: (line) => lines.push(line),
  })
  serving = await serveCollector({ collector: local.collector, port: 0 })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await serving.close()
  await local.close()
  rmSync(dir, { recursive: true, force: true })
})

let fake: Server | undefined
afterEach(() => fake?.close())

/** Something else that listens on HTTP. */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  fake = server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const verify = (url: string, key: string, ...more: string[]) => cli('verify', url, '--key', key, ...more)

describe('a collector in order', () => {
  it('passes with either kind of key, and logs nothing', async () => {
    for (const key of [local.key, local.serverKey!]) {
      const { code, out, err } = await verify(`${serving.url}/`, key)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(
        /✓ live[\s\S]*✓ ready[\s\S]*✓ event[\s\S]*✓ resent[\s\S]*! row +not looked for[\s\S]*✓ log +no error/,
      )
    }
    expect(lines).toEqual([])
  })

  it('reports as JSON too', async () => {
    const { out } = await verify(serving.url, local.key, '--json')
    expect(
      JSON.parse(out).checks.map(({ name, status }: { [key: string]: string }) => `${name} ${status}`),
    ).toEqual([
      'live ok',
      'ready ok',
      'event ok',
      'resent ok',
      'row warn',
      'config ok',
      'stream ok',
      'log ok',
    ])
  })

  it('passes as a page of an allowed site, and fails as one of another', async () => {
    const wanted = { projectId: local.projectId, environment: 'production', kind: 'pub' as const }
    const { key } = await addKey(local.database.owner, { ...wanted, origins: ['https://shop.example'] })
    expect((await verify(serving.url, key, '--origin', 'https://shop.example')).code).toBe(0)
    const { code, out } = await verify(serving.url, key, '--origin', 'https://other.example')
    expect([code, out]).toEqual([1, expect.stringContaining('403 origin_not_allowed')])
    expect(out, 'what depends on it is not tried').not.toContain('resent')
  })

  it('refuses an unknown key with the collector’s own advice', async () => {
    const { code, out, err } = await verify(serving.url, createKey('pub'))
    expect([code, out]).toEqual([1, expect.stringMatching(/✗ event +401 key_unknown: .*\n +→ \S/)])
    expect(err).toContain('1 of 3 checks failed (event)')
  })
})

describe('trouble', () => {
  const json = (status: number, body: unknown, headers = {}): RequestListener => {
    return (_, answer) => answer.writeHead(status, headers).end(JSON.stringify(body))
  }

  it('says that nothing answers', async () => {
    const url = await listen(json(200, {}))
    await new Promise((closed) => fake?.close(closed))
    const { code, out } = await verify(url, local.key)
    expect([code, out]).toEqual([1, expect.stringMatching(/✗ live +could not be asked: .*ECONNREFUSED/)])
  })

  it('tells a site that is no collector', async () => {
    const url = await listen((_, answer) => answer.writeHead(404).end('<h1>Nothing here</h1>'))
    expect((await verify(url, local.key)).out).toMatch(/✗ live +404, and not an answer of a nunchi collector/)
  })

  it('tells a collector that lost its database from one that is stopping', async () => {
    const ready = (storage: object) =>
      listen((request, answer) => {
        if (request.url === '/health/live') return answer.writeHead(200).end('{}')
        return answer.writeHead(503).end(JSON.stringify({ ready: false, storage }))
      })
    const lost = await verify(await ready({ ok: false }), local.key)
    expect(lost.out).toMatch(/✗ ready +the collector does not reach its database\n +→ .*nunchi migrate up/)
    fake?.close()
    const stopping = await verify(await ready({ ok: true }), local.key)
    expect(stopping.out).toMatch(
      /✗ ready +the collector is stopping, was stalled, or could not store a batch just now/,
    )
  })

  it('does not take a captive portal’s 202 for an acknowledgement', async () => {
    const url = await listen((request, answer) =>
      answer.writeHead(request.method === 'POST' ? 202 : 200).end('{"welcome":"to our hotel"}'),
    )
    expect((await verify(url, local.key)).out).toMatch(/✗ event +the answer does not name our batch/)
  })

  /** Passes requests on to the real collector, and changes its answers to batches. */
  const between = (change: (ack: Record<string, unknown>) => unknown, headers: Record<string, string> = {}) =>
    listen(async (request, answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const post = request.method === 'POST'
      const passed = await fetch(`${serving.url}${request.url}`, {
        method: request.method!,
        ...(post ? { body: Buffer.concat(chunks) } : {}),
      })
      const text = await passed.text()
      if (request.url === '/metrics') return answer.writeHead(passed.status).end(text)
      const body = JSON.parse(text) as Record<string, unknown>
      answer.writeHead(passed.status, headers).end(JSON.stringify(post ? change(body) : body))
    })

  it('notices an event that is counted twice', async () => {
    const url = await between((ack) => ({ ...ack, accepted: 1, duplicates: 0 }))
    expect((await verify(url, local.key)).out).toMatch(
      /✓ event[\s\S]*✗ resent +the collector counted 1 new and 0 duplicate, not one duplicate/,
    )
  })

  it('passes on why an event was refused', async () => {
    const rejected = [{ code: 'event_too_old', detail: 'It is old.', fix: 'Set the clock.' }]
    const url = await between((ack) => ({ ...ack, accepted: 0, rejected }))
    expect((await verify(url, local.key)).out).toMatch(
      /✗ event +event_too_old: It is old\.\n +→ Set the clock\./,
    )
  })

  it('notices an error in the collector’s log, and says when it cannot look', async () => {
    let errors = 0
    const metrics = (status: number) =>
      listen(async (request, answer) => {
        if (request.url === '/metrics')
          return answer.writeHead(status).end(`nunchi_log_lines_total{level="error"} ${errors++}\n`)
        if (request.url?.startsWith('/v1/config/stream')) return answer.writeHead(204).end()
        const passed = await fetch(`${serving.url}${request.url}`, {
          method: request.method!,
          ...(request.method === 'POST' ? { body: await new Response(request as never).text() } : {}),
        })
        answer.writeHead(passed.status).end(await passed.text())
      })
    expect((await verify(await metrics(200), local.key)).out).toMatch(
      /✗ log +the collector logged 1 error meanwhile/,
    )
    fake?.close()
    expect((await verify(await metrics(401), local.key)).out).toMatch(/! log +not looked at/)
  })

  it('notices a proxy that drops the CORS headers', async () => {
    const url = await between((ack) => ack)
    const { out } = await verify(url, local.key, '--origin', 'https://shop.example')
    expect(out).toMatch(/✗ event +pages of https:\/\/shop\.example could not read the answer/)
  })
})
