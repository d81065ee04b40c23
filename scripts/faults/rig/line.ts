/** The network between a collector and Postgres: a TCP proxy that watches each piece of bytes, and harms it. */
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from './listen.ts'

/** Some bytes on their way: `up` to Postgres, or `down` to the collector. */
export interface Piece {
  way: 'up' | 'down'
  text(): string
}

/** What becomes of a piece: it `pass`es, is `drop`ped, is `held` with all that follows, or the connection is `cut`. */
export type Verdict = 'pass' | 'drop' | 'held' | 'cut'

/** The proxy. */
export interface Line {
  port: number
  /** One way, in ms. */
  latency: number
  rule: (piece: Piece) => Verdict
  /** Refuses connections, those that stand included. */
  refused: boolean
  cut(): void
  close(): Promise<void>
}

/** Whether the piece carries batches to be stored. */
export const carriesBatches = (piece: Piece): boolean =>
  piece.way === 'up' && piece.text().includes('"batches"')

/** Whether the piece says what became of batches: they are committed. */
export const carriesAnswer = (piece: Piece): boolean =>
  piece.way === 'down' && piece.text().includes('"duplicates"')

/** Lets bytes of one direction through, in their order. */
function flow(line: Line, way: Piece['way'], from: Socket, to: Socket): void {
  let before: Promise<void> = Promise.resolve()
  const pass = async (data: Buffer) => {
    const verdict = line.rule({ way, text: () => data.toString('latin1') })
    if (verdict === 'cut') {
      from.destroy()
      to.destroy()
    }
    if (verdict === 'held') return new Promise<void>(() => {})
    if (verdict !== 'pass') return
    if (line.latency) await sleep(line.latency)
    if (to.writable) to.write(data)
  }
  from.on('data', (data: Buffer) => {
    before = before.then(() => pass(data))
  })
  from.on('error', () => {})
  from.on('close', () => to.destroy())
}

/** Opens a way to `target`, a port of this machine. */
export async function openLine(target: number): Promise<Line> {
  let refused = false
  const server = createServer((client) => {
    if (refused) return client.resetAndDestroy()
    const upstream = connect(target, '127.0.0.1')
    flow(line, 'up', client, upstream)
    flow(line, 'down', upstream, client)
  })
  const listening = await listen(server)
  const line: Line = {
    port: listening.port,
    latency: 0,
    rule: () => 'pass',
    get refused() {
      return refused
    },
    set refused(yes) {
      refused = yes
      if (yes) listening.cut()
    },
    cut: listening.cut,
    close: listening.close,
  }
  return line
}
