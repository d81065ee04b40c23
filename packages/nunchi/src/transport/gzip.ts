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
  return async (delivery) => {
    const { body, leaving } = delivery
    const packed = !leaving && typeof body === 'string' && body.length > worthwhile && (await compress(body))
    return send(packed ? { ...delivery, url: `${delivery.url}&gzip=1`, body: packed } : delivery)
  }
}
