/** Serves a collector over HTTP on Node, and stops it without losing what was accepted. */
import type { IncomingMessage } from 'node:http'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Collector } from '../../src/app.ts'
import { boundPatterns } from './bound-patterns.ts'

export { type InsightsSettings, insightsSettings } from './config.ts'
export { nodeFetch } from './dial.ts'
export {
  type FolderClient,
  FolderError,
  type FolderFault,
  lockFolder,
  type OpenFolder,
  openFolder,
} from './folder.ts'
export { type Maintenance, type MaintenanceOptions, startMaintenance } from './maintenance.ts'
export { schemaText } from './schema-text.ts'
export { loadSnapshot, loadSql } from './sql.ts'

/** What to serve, and where. */
export interface ServeOptions {
  collector: Pick<Collector, 'fetch' | 'drain' | 'close'>
  /**
   * 0 for any free port.
   * @default 8787
   */
  port?: number
  /**
   * The address to listen on; `0.0.0.0` for all of IPv4.
   * @default '127.0.0.1'
   */
  host?: string
  /**
   * How long `close()` waits for requests that are under way, in ms; afterwards it cuts them off.
   * @default 10_000
   */
  drainMs?: number
}

/** A collector that is being served. */
export interface Serving {
  /** Such as `http://127.0.0.1:8787`. */
  url: string
  /**
   * Takes no more connections, finishes what is under way, commits it, and resolves.
   *
   * @param drainMs how long to wait instead of the option's time; 0 cuts every connection at once
   */
  close(drainMs?: number): Promise<void>
}

/** The body as Node has it: much cheaper than a web stream, and left open when given up, so that an answer can follow. */
const bodyOf = (incoming: IncomingMessage): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }),
})

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Who has connected and said nothing, as browsers do to be quicker later, gets so long to begin, in ms. */
const silence = 500

function stop(server: Server, silent: Set<Socket>, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs)
    const begun = Date.now()
    const sweep = setInterval(() => {
      // Connections that are kept alive fall idle one by one, as their last answers go out.
      server.closeIdleConnections()
      // To Node, one that never asked anything is not idle.
      if (Date.now() - begun > silence)
        for (const socket of silent) if (socket.bytesRead === 0) socket.destroy()
    }, 50)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(sweep)
      resolve()
    })
  })
}

/** Node keeps connections alive also while it closes: the next request on one of them would be cut off. */
function lastOf(outgoing: ServerResponse): void {
  if (!outgoing.headersSent) outgoing.setHeader('Connection', 'close')
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, time - Date.now())).unref()
  })
}

/**
 * Starts serving.
 *
 * @throws the listen error, such as `EADDRINUSE` where the port is taken
 */
export async function serveCollector(options: ServeOptions): Promise<Serving> {
  const { collector, port = 8787, host = '127.0.0.1', drainMs = 10_000 } = options
  boundPatterns()
  const listener = getRequestListener((request, env) => {
    const { incoming } = env as HttpBindings
    return collector.fetch(request, { remoteAddress: incoming.socket.remoteAddress, body: bodyOf(incoming) })
  })
  const limits = {
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    // Longer than the minute that load balancers keep connections, so that they close first.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 2_000,
  }
  let closing: Promise<void> | undefined
  const answering = new Set<ServerResponse>()
  const silent = new Set<Socket>()
  const server = createServer(limits, (incoming, outgoing) => {
    answering.add(outgoing)
    outgoing.once('close', () => answering.delete(outgoing))
    silent.delete(incoming.socket)
    if (closing) lastOf(outgoing)
    listener(incoming, outgoing)
  })
  server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  await listen(server, port, host)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close(ms = drainMs) {
      collector.drain()
      for (const outgoing of answering) lastOf(outgoing)
      const end = Date.now() + ms
      // What the database has not answered by then would have nobody left to hear of it.
      closing ??= stop(server, silent, ms).then(() => Promise.race([collector.close(), until(end)]))
      return closing
    },
  }
}
