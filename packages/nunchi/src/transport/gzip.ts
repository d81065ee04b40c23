/** Wraps a transport with compression where the browser has it and it pays. */
import type { Transport } from './transport.ts'

/** Below this many characters gzip saves nothing worth its latency. */
const worthwhile = 1500

async function compress(text: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const stream = new Response(text).body!.pipeThrough(new CompressionStream('gzip'))
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
    // Some browsers answer with a truncated or empty stream and no error: then the text goes as it is.
    if (bytes[0] === 0x1f && bytes[1] === 0x8b && bytes.length > 20) return bytes
  } catch {
    // No CompressionStream here.
  }
}

/** Sends larger batches as gzip, announced by `&gzip=1`; never while leaving, when there is no time. */
export function gzip(send: Transport): Transport {
  let broken = false
  return async (delivery) => {
    const { url, body, leaving } = delivery
    const large = !broken && !leaving && typeof body === 'string' && body.length > worthwhile
    const packed = large && (await compress(body))
    if (packed) {
      const reply = await send({ ...delivery, url: `${url}&gzip=1`, body: packed })
      broken = reply.status === 400 && /^body_/.test(`${reply.body?.code}`)
      if (!broken) return reply
      // It looked like gzip and was not: without this the events would be blamed, and given up.
    }
    return send(delivery)
  }
}
