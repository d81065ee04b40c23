/** Run as a process: serves the collector over a storage that costs nothing, or bare HTTP that only parses. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveCollector } from '../../deploy/node/index.ts'
import { createCollector, everything, type Storage } from '../../src/index.ts'

interface Args {
  batches: { batch: string; events: unknown[] }[]
}

/** Accepts everything at once: what is left is the collector's own. */
const storage: Storage = {
  async call<Result>(fn: string, args: unknown): Promise<Result> {
    const key = {
      keyId: '1',
      projectId: 'p1',
      projectName: 'Bench',
      environment: 'production',
      kind: 'pub',
      scopes: [],
      origins: [],
      rateLimit: 100_000,
      internal: false,
    }
    if (fn === 'find_key') return key as Result
    const batches = (args as Args).batches.map(({ batch, events }) => ({
      batch,
      accepted: events.length,
      duplicates: 0,
      rejected: [],
    }))
    return { batches } as Result
  },
  async close() {},
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** HTTP and JSON.parse, and an answer of the same size. */
async function serveBare(): Promise<string> {
  const server = createServer(async (request, response) => {
    const { id, events } = JSON.parse(await textOf(request)) as { id: string; events: unknown[] }
    const ack = { batch: id, accepted: events.length, duplicates: 0, rejected: [], now: Date.now() }
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(ack))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function serveOurs(): Promise<string> {
  const collector = createCollector({ storage, use: everything(), trustedProxies: 1, log: () => {} })
  const { url } = await serveCollector({ collector, port: 0 })
  return url
}

process.once('disconnect', () => process.exit(0))
process.send?.(process.argv[2] === 'bare' ? await serveBare() : await serveOurs())
