/** The headers by which a server lets every page of every site read its answers. */
import type { IncomingMessage } from 'node:http'

/** Allows what the request asks for. */
export function cors({ headers }: IncomingMessage): Record<string, string> {
  return {
    'access-control-allow-origin': headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST, PUT, OPTIONS',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'access-control-expose-headers': 'Retry-After',
    'access-control-allow-private-network': 'true',
  }
}
