/** Listens on a free port of the loopback interface, and stops without waiting for anyone. */
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that listens. */
export interface Listening {
  port: number
  /** Ends every open connection. */
  cut(): void
  close(): Promise<void>
}

/** Starts listening on 127.0.0.1. */
export async function listen(server: Server): Promise<Listening> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
