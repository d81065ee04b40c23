/** The network between pages and the collector: a TCP proxy that knows where a request begins and ends, and harms it. */
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Listening, listen } from './listen.ts'
import { answerOf, bodyOf, headOf, messages } from './message.ts'

/** One request and what came of it. */
export interface Exchange {
  /** Path and query. */
  url: string
  /** Sent by a page that left. */
  beacon: boolean
  /** How many ordinary requests came before it. */
  before: number
  /** The length of the body, in bytes. */
  size: number
  /** The body's text. */
  body(): string
  /** When it was there, in ms since the epoch. */
  at: number
  /** The answer that the page was given; none where it got none. */
  status?: number
  /** The answer's head and body. */
  reply?: { head: string; body: string }
  /** Its page hung up before it had an answer. */
  abandoned?: boolean
}

/** What becomes of a request; without one it arrives, and so does its answer. */
export interface Fate {
  /** Held back for so long, in ms. */
  delay?: number
  /** It never arrives: `held` for ever, `reset` at once, `torn` after its first half. */
  request?: 'held' | 'reset' | 'torn'
  /** Something on the way answers in the collector's place. */
  answer?: { status: number; headers?: Record<string, string>; body?: string }
  /**
   * The answer: `lost` with the connection, `held` for ever, sent `twice`, `dripping` at a byte a second, or
   * `stale`: the answer to an earlier request comes in its place.
   */
  reply?: 'lost' | 'held' | 'twice' | 'dripping' | 'stale'
  /** It arrives at another collector too, at the same moment. */
  also?: number
}

/** The proxy. */
export interface Edge {
  url: string
  /** The collector's port; a change holds for new connections. */
  target: number
  /** One way, in ms. What was sent less than that before its sender hung up never arrives. */
  latency: number
  /** Decides what becomes of each request. */
  fate: (exchange: Exchange) => Fate | undefined
  /** Refuses connections, those that stand included. */
  refused: boolean
  exchanges: Exchange[]
  /** Ordinary requests that have no answer yet. */
  open: number
  /** The most ordinary requests that were open at once. */
  crowd: number
  cut(): void
  close(): Promise<void>
}

function begin(edge: Edge, message: Buffer): Exchange {
  const url = /^\S+ (\S+)/.exec(headOf(message))?.[1] ?? ''
  const beacon = url.includes('ack=none')
  const exchange: Exchange = {
    url,
    beacon,
    before: edge.exchanges.filter((one) => !one.beacon).length,
    size: message.length - message.indexOf('\r\n\r\n') - 4,
    body: () => bodyOf(message),
    at: Date.now(),
  }
  edge.exchanges.push(exchange)
  return exchange
}

/** One connection of a page, and its connection to the collector. */
function serve(edge: Edge, client: Socket, stale: { reply?: Buffer }): void {
  let upstream: Socket | undefined
  let now: { exchange: Exchange; fate: Fate } | undefined

  const settle = () => {
    if (now && !now.exchange.beacon) edge.open--
    now = undefined
  }
  const give = (reply: Buffer) => {
    if (!now || client.destroyed) return
    now.exchange.status = Number(/^HTTP\/1\.1 (\d+)/.exec(reply.toString('latin1', 0, 20))?.[1])
    now.exchange.reply = { head: headOf(reply), body: bodyOf(reply) }
    settle()
    client.write(reply)
  }
  const drip = async (reply: Buffer) => {
    for (const byte of reply) {
      if (client.destroyed) return
      client.write(Buffer.of(byte))
      await sleep(1000)
    }
  }
  const pass = async (reply: Buffer) => {
    const previous = stale.reply
    stale.reply = reply
    if (edge.latency) await sleep(edge.latency)
    const kind = now?.fate.reply
    if (kind === 'lost') client.destroy()
    else if (kind === 'dripping') drip(reply)
    else if (kind === 'stale') give(previous ?? reply)
    else if (kind !== 'held') give(reply)
    if (kind === 'twice' && !client.destroyed) client.write(reply)
  }
  const dial = (): Socket => {
    const socket = connect(edge.target, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('data', messages(pass))
    socket.on('close', () => client.destroy())
    return socket
  }
  const forward = async (message: Buffer, { exchange, fate }: NonNullable<typeof now>) => {
    const wait = edge.latency + (fate.delay ?? 0)
    if (wait) await sleep(wait)
    if (client.destroyed || fate.request === 'held') return
    if (fate.request === 'reset') return client.resetAndDestroy()
    if (fate.answer) {
      const { status, headers = {}, body = '' } = fate.answer
      give(answerOf(status, headers, body))
      return client.end()
    }
    upstream ??= dial()
    if (fate.request === 'torn') {
      upstream.write(message.subarray(0, message.length - (exchange.size >> 1)), () => {
        upstream?.resetAndDestroy()
        client.resetAndDestroy()
      })
      return
    }
    // The other one's answer interests nobody.
    if (fate.also) {
      const twin = connect(fate.also, '127.0.0.1').on('error', () => {})
      twin.on('data', () => twin.destroy())
      twin.write(message)
    }
    upstream.write(message)
  }

  client.on(
    'data',
    messages((message) => {
      const exchange = begin(edge, message)
      now = { exchange, fate: edge.fate(exchange) ?? {} }
      if (!exchange.beacon) edge.crowd = Math.max(edge.crowd, ++edge.open)
      forward(message, now)
    }),
  )
  client.on('close', () => {
    if (now) now.exchange.abandoned = true
    settle()
    upstream?.destroy()
  })
}

/** Opens a way to `target`, a port of this machine. */
export async function openEdge(target: number): Promise<Edge> {
  const stale: { reply?: Buffer } = {}
  let refused = false
  const server = createServer((client) => {
    if (refused) client.resetAndDestroy()
    else serve(edge, client, stale)
  })
  const listening: Listening = await listen(server)
  const edge: Edge = {
    url: `http://127.0.0.1:${listening.port}`,
    target,
    latency: 0,
    fate: () => undefined,
    get refused() {
      return refused
    },
    set refused(yes) {
      refused = yes
      if (yes) listening.cut()
    },
    exchanges: [],
    open: 0,
    crowd: 0,
    cut: listening.cut,
    close: listening.close,
  }
  return edge
}
