/** Reads HTTP/1.1 messages off a connection as raw bytes, whole ones only. */
import { gunzipSync } from 'node:zlib'

const end = Buffer.from('\r\n\r\n')

/** The head's text. */
export function headOf(message: Buffer): string {
  return message.subarray(0, message.indexOf(end)).toString('latin1')
}

/** How long the message at the start of `bytes` is, head and body; `undefined` while it is not all there. */
function lengthOf(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(end)
  if (at < 0) return undefined
  const head = bytes.subarray(0, at).toString('latin1')
  const body = at + end.length
  if (/^transfer-encoding:.*chunked/im.test(head)) {
    const last = bytes.indexOf('\r\n0\r\n\r\n', at)
    return last < 0 ? undefined : last + 7
  }
  const length = body + Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0)
  return bytes.length < length ? undefined : length
}

/** Gathers bytes, and gives each message once it is whole. */
export function messages(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (let length = lengthOf(rest); length !== undefined; length = lengthOf(rest)) {
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      take(message)
    }
  }
}

/** A request's body as text, unpacked where it is gzip. */
export function bodyOf(message: Buffer): string {
  const body = message.subarray(message.indexOf(end) + end.length)
  return (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString()
}

/** An answer that any page may read. */
export function answerOf(status: number, headers: Record<string, string>, body: string): Buffer {
  const lines = Object.entries({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Retry-After',
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`HTTP/1.1 ${status} Fault\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}
