import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { type Edge, openEdge } from './edge.ts'
import { type Listening, listen } from './listen.ts'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

/** A server that answers with the number of its requests so far, and an edge before it. */
async function world(): Promise<{ edge: Edge; server: Listening; seen: string[] }> {
  const seen: string[] = []
  const server = await listen(
    createServer(async (request, response) => {
      let body = ''
      try {
        for await (const chunk of request) body += chunk
        seen.push(body)
        response.end(`${seen.length}`)
      } catch {
        // Torn on its way.
      }
    }),
  )
  const edge = await openEdge(server.port)
  open.push(server, edge)
  return { edge, server, seen }
}

const post = async (edge: Edge, body: BodyInit = 'hello', path = '/'): Promise<string> => {
  try {
    const response = await fetch(edge.url + path, { method: 'POST', body, signal: AbortSignal.timeout(300) })
    return `${response.status} ${await response.text()}`
  } catch {
    return 'nothing'
  }
}

it('lets everything through without a fate, and remembers it', async () => {
  const { edge } = await world()
  expect(await post(edge)).toBe('200 1')
  expect(await post(edge, gzipSync('packed'), '/?ack=none')).toBe('200 2')
  const [first, second] = edge.exchanges
  expect(first).toMatchObject({ beacon: false, status: 200, reply: { body: '1' } })
  expect(second).toMatchObject({ beacon: true, before: 1 })
  expect(second?.body()).toBe('packed')
  expect([edge.open, edge.crowd]).toEqual([0, 1])
})

it.each([
  [{ request: 'held' } as const, 'nothing', 0],
  [{ request: 'reset' } as const, 'nothing', 0],
  [{ reply: 'lost' } as const, 'nothing', 1],
  [{ reply: 'held' } as const, 'nothing', 1],
  [{ reply: 'dripping' } as const, 'nothing', 1],
  [{ reply: 'twice' } as const, '200 1', 1],
  [{ answer: { status: 429, body: 'later' } }, '429 later', 0],
])('harms by %j: the client hears %s, the server sees %i', async (fate, heard, arrived) => {
  const { edge, seen } = await world()
  edge.fate = () => fate
  expect(await post(edge)).toBe(heard)
  expect(seen).toHaveLength(arrived)
  edge.fate = () => undefined
  expect(await post(edge)).toBe(`200 ${arrived + 1}`)
})

it('tears a request: the server never has the whole of it', async () => {
  const { edge, seen } = await world()
  edge.fate = () => ({ request: 'torn' })
  expect(await post(edge)).toBe('nothing')
  expect(seen).toEqual([])
})

it('gives an earlier answer in the place of the right one, and brings a request to two at once', async () => {
  const { edge, seen } = await world()
  const other = await world()
  expect(await post(edge)).toBe('200 1')
  edge.fate = () => ({ reply: 'stale', also: other.server.port })
  expect(await post(edge)).toBe('200 1')
  await expect.poll(() => other.seen).toEqual(['hello'])
  expect(seen).toHaveLength(2)
})

it('refuses connections, those that stand included', async () => {
  const { edge } = await world()
  expect(await post(edge)).toBe('200 1')
  edge.refused = true
  expect(await post(edge)).toBe('nothing')
  edge.refused = false
  expect(await post(edge)).toBe('200 2')
})
