/** The way from a page to its server: slow, cut, or blocked by somebody who answers in the server's place. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { cors } from './cors.ts'
import { listen } from './listen.ts'

/** `open`: through to the server · `cut`: connections are reset · else this answer to every request. */
export type WayState = 'open' | 'cut' | { status: number; headers?: Record<string, string> }

/** A way to one server. */
export interface Way {
  /** What the page takes for the server. */
  url: string
  /** Changes what becomes of requests; connections that stand are cut. */
  set(state: WayState): void
  close(): Promise<void>
}

/** Carries bytes with a delay; what is under way when a client hangs up never arrives. */
function carry(from: Socket, to: Socket, latency: number, isClient: boolean): void {
  let gone = false
  from.on('data', (data) => setTimeout(() => !gone && to.writable && to.write(data), latency))
  from.on('error', () => {})
  from.on('close', () => {
    gone = isClient
    if (isClient) to.destroy()
    else setTimeout(() => to.destroySoon(), latency)
  })
}

/**
 * Opens a way to `port` of this machine.
 *
 * @param latency one way, in ms
 */
export async function openWay(port: number, latency: number): Promise<Way> {
  let state: WayState = 'open'
  const standing = new Set<Socket>()
  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers = {} } = typeof state === 'string' ? { status: 503 } : state
    // Each answer ends its connection, so that the next request meets what is the state then.
    const all = { ...cors(request), ...headers, connection: 'close' }
    request.resume()
    request.on('end', () => response.writeHead(request.method === 'OPTIONS' ? 204 : status, all).end())
  }
  const refuser = await listen(createHttpServer(refuse))
  const server = createServer((client) => {
    client.on('error', () => {})
    if (state === 'cut') return client.resetAndDestroy()
    const target = connect(state === 'open' ? port : refuser.port, '127.0.0.1')
    standing.add(client)
    client.on('close', () => standing.delete(client))
    carry(client, target, latency, true)
    carry(target, client, latency, false)
    return undefined
  })
  const front = await listen(server)
  return {
    url: `http://127.0.0.1:${front.port}`,
    set(next) {
      state = next
      for (const socket of standing) socket.resetAndDestroy()
    },
    async close() {
      await Promise.all([front.close(), refuser.close()])
    },
  }
}
