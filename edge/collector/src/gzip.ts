/** Decompression that stops at a limit, whatever the compressed bytes would become. */

/** Whether bytes begin as gzip does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Thrown where more than the limit came out. */
export class TooLarge extends Error {
  override name = 'TooLarge'
}

const sliceBytes = 16_384

/**
 * Decompresses gzip, reading no further once more than `limit` bytes came out.
 *
 * @throws `TooLarge`, or the stream's error where the bytes are not gzip
 */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>, limit: number): Promise<Uint8Array> {
  let from = 0
  // In slices, so that the decompressor does not run ahead of the count: 16 kB become at most 16 MB.
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(bytes.subarray(from, from + sliceBytes))
      from += sliceBytes
      if (from >= bytes.length) controller.close()
    },
  })
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joined(chunks, length)
    length += value.length
    if (length > limit) {
      reader.cancel().catch(() => {})
      throw new TooLarge()
    }
    chunks.push(value)
  }
}

/** Chunks as one piece. */
export function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first) return first
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
