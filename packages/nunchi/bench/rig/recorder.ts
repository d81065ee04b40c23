/** A server that takes whatever any SDK sends, and finds the marked events in it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync, inflateSync } from 'node:zlib'
import { cors } from './cors.ts'
import { listen } from './listen.ts'
import type { Target } from './target.ts'

const marker = /~([\w-]+)~/g

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function unpacked(body: Buffer): Buffer {
  if (body[0] === 0x1f && body[1] === 0x8b) return gunzipSync(body)
  if (body[0] === 0x78) return inflateSync(body)
  return body
}

/** A body as text, whether it came plain, compressed, or as a form field of base64. */
function textOf(body: Buffer): string {
  const text = `${unpacked(body)}`
  const field = /^data=([^&]+)/.exec(text)?.[1]
  if (!field) return text
  const value = decodeURIComponent(field.replaceAll('+', ' '))
  return /^[\w+/=\s-]+$/.test(value) ? `${unpacked(Buffer.from(value, 'base64'))}` : value
}

/** An answer that each SDK takes for success. */
function answer(request: IncomingMessage, body: string): object {
  const path = request.url ?? ''
  if (path.startsWith('/v1/events')) {
    const { id, events } = JSON.parse(body) as { id: string; events: unknown[] }
    return { batch: id, accepted: events.length, duplicates: 0, rejected: [], now: Date.now() }
  }
  if (/\/(flags|decide)\//.test(path))
    return { flags: {}, featureFlags: {}, supportedCompression: ['gzip-js'] }
  if (path.startsWith('/2/httpapi')) return { code: 200, events_ingested: 1 }
  return { status: 1, success: true }
}

/** Starts one. */
export async function startRecorder(): Promise<Target> {
  const seen = new Map<string, number>()
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const text = textOf(await read(request))
    for (const [, name] of text.matchAll(marker)) seen.set(name!, (seen.get(name!) ?? 0) + 1)
    const headers = { ...cors(request), 'content-type': 'application/json', 'cache-control': 'no-store' }
    const leaving = request.url?.includes('ack=none') || request.method === 'OPTIONS'
    if (leaving) response.writeHead(204, headers).end()
    else response.writeHead(200, headers).end(JSON.stringify(answer(request, text)))
  }
  const server = createServer((request, response) => {
    // A request that its page gave up on half-way has arrived nowhere.
    take(request, response).catch(() => response.destroy())
  })
  const { port, close } = await listen(server)
  return { port, key: 'nk_pub_bench', seen: async () => seen, again: async () => 0, close }
}
