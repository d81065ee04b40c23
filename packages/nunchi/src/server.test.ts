import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNunchiServer, memoryStore } from './server.ts'

interface Seen {
  authorization: string | undefined
  batch: { id: string; events: Record<string, unknown>[] }
}

let server: Server
let host: string
let seen: Seen[]
let status: number

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  seen = []
  status = 202
  server = createServer(async (request, response) => {
    const batch = JSON.parse(await new Response(request as never).text())
    seen.push({ authorization: request.headers.authorization, batch })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 202 ? JSON.stringify({ batch: batch.id }) : '{"code":"storage_unavailable"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  vi.restoreAllMocks()
  server.close()
  server.closeAllConnections()
})

const stored = () => seen.flatMap(({ batch }) => batch.events)

describe('nunchi on a server', () => {
  it('keeps what it could not deliver in a store of yours, for the next process', async () => {
    status = 503
    const store = memoryStore()
    const first = createNunchiServer({ key: 'nk_srv_x', host, store })
    expect(await first.track({ name: 'Order Completed', userId: 'kim' })).toEqual({ durable: true })
    expect(await first.close(200)).toEqual({ pending: 1 })
    status = 202
    const next = createNunchiServer({ key: 'nk_srv_x', host, store })
    expect(await next.close()).toEqual({ pending: 0 })
    expect(new Set(stored().map((event) => event['id'])).size).toBe(1)
  })

  it('says that memory is not durable, and delivers before it closes', async () => {
    const nunchi = createNunchiServer({ key: 'nk_srv_x', host })
    expect(await nunchi.track({ name: 'a', anonymousId: 'v' })).toEqual({ durable: false })
    expect(await nunchi.close()).toEqual({ pending: 0 })
    expect(seen[0]!.authorization).toBe('Bearer nk_srv_x')
  })

  it('carries whom each event is about, in the order of the calls', async () => {
    const nunchi = createNunchiServer({ key: 'nk_srv_x', host })
    nunchi.identify({ userId: 'kim', properties: { plan: 'pro' } })
    nunchi.page({ userId: 'kim', name: '/pricing', url: 'https://shop.example/pricing' })
    nunchi.group({ userId: 'kim', groupId: 'acme' })
    nunchi.alias({ userId: 'kim', previousId: 'visitor' })
    nunchi.track({ name: 'late', userId: 'kim', timestamp: 1_700_000_000_000 })
    await nunchi.close()
    expect(stored()).toMatchObject([
      { type: 'identify', userId: 'kim', properties: { plan: 'pro' }, seq: 0 },
      { type: 'page', name: '/pricing', page: { url: 'https://shop.example/pricing' } },
      { type: 'group', groupId: 'acme' },
      { type: 'alias', previousId: 'visitor' },
      { type: 'track', ts: 1_700_000_000_000, seq: 4 },
    ])
  })

  it('throws for nothing: what cannot be sent is dropped and counted', async () => {
    const nunchi = createNunchiServer({ key: 'nk_srv_x', host })
    const toJSON = () => {
      throw new Error('no')
    }
    await nunchi.track({ name: 'odd', userId: 'kim', properties: { toJSON } })
    await nunchi.track({ name: 'huge', userId: 'kim', properties: { text: 'x'.repeat(40_000) } })
    await nunchi.track({ name: 'fine', userId: 'kim' })
    await nunchi.close()
    expect(stored().map((event) => event['name'])).toEqual(['fine'])
    expect(seen[0]!.batch).toMatchObject({ dropped: { event_unserializable: 1, event_too_large: 1 } })
  })
})
