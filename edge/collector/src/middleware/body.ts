/** Reads a body as text, within limits of bytes and time that hold whatever its headers say. */
import { limits } from '@nunchi/protocol'
import type { Middleware, RequestContext, Services } from '../env.ts'
import { gunzip, isGzip, joined, TooLarge } from '../gzip.ts'
import { Problem } from '../problem.ts'

const { maxBatchBytes } = limits

type Bytes = Uint8Array<ArrayBuffer>

/** The chunks of a web stream; giving up early cancels it. */
function chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array, undefined> {
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<Uint8Array, undefined>>,
    return: () => reader.cancel().then(() => ({ done: true, value: undefined })),
  }
}

/** Reads the chunks to their end, or until they are too much. `reserve` hears of each before it is kept. */
async function collect(chunks: AsyncIterator<Uint8Array>, reserve: (bytes: number) => void): Promise<Bytes> {
  const kept: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await chunks.next()
    if (done) return joined(kept, length) as Bytes
    length += value.length
    if (length > maxBatchBytes) throw new Problem('body_too_large')
    reserve(value.length)
    kept.push(value)
  }
}

/** Races `work` against the clock. A body that breaks off counts as one that never came. */
function inTime<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Problem('body_timeout', { headers: { Connection: 'close' } }))
    const timer = setTimeout(late, ms)
    const failed = (cause: unknown) =>
      reject(
        cause instanceof Problem
          ? cause
          : new Problem('body_timeout', { cause, detail: 'The body broke off.' }),
      )
    work.then(resolve, failed).finally(() => clearTimeout(timer))
  })
}

/** Reads the body as it came. Given up or refused, it is read no further. */
async function read(c: RequestContext, ms: number, reserve: (bytes: number) => void): Promise<Bytes> {
  const { body: stream } = c.env?.body ? { body: null } : c.req.raw
  const chunks = c.env?.body?.[Symbol.asyncIterator]() ?? (stream ? chunksOf(stream) : undefined)
  if (!chunks) return new Uint8Array()
  try {
    return await inTime(ms, collect(chunks, reserve))
  } catch (problem) {
    // Not awaited: what hangs may hang on this too.
    chunks.return?.()?.catch(() => {})
    throw problem
  }
}

/** Whether the body is announced as gzip. */
function announcesGzip(c: RequestContext): boolean {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  if (encoding !== '' && encoding !== 'identity')
    throw new Problem('body_encoding', {
      status: 415,
      detail: 'The body’s Content-Encoding is not one that is read here.',
    })
  return c.req.query('gzip') === '1'
}

async function decompressed(bytes: Bytes): Promise<Uint8Array> {
  const plain = await gunzip(bytes, maxBatchBytes).catch((cause: unknown) => {
    if (cause instanceof TooLarge) throw new Problem('body_too_large')
    throw new Problem('body_encoding', {
      cause,
      detail: 'The body begins as gzip, but is damaged or incomplete.',
    })
  })
  if (isGzip(plain)) throw new Problem('body_encoding', { detail: 'The body is compressed twice.' })
  return plain
}

/** Makes the middleware; afterwards `body` holds the text and `bodyBytes` its size, both decompressed. */
export function body({ options, state, metrics }: Services): Middleware {
  const utf8 = new TextDecoder()
  metrics.gauge('nunchi_body_bytes_in_flight', 'Bytes of bodies in memory.', () => state.inFlightBytes)
  return async (c, next) => {
    let held = 0
    let over = false
    const reserve = (bytes: number) => {
      // A body that was given up may still trickle in.
      if (over) throw new Problem('body_timeout')
      if (state.inFlightBytes + bytes > options.maxInFlightBytes)
        throw new Problem('storage_unavailable', {
          retryAfter: 1,
          detail: 'Too many batches are on their way at once.',
        })
      held += bytes
      state.inFlightBytes += bytes
    }
    try {
      const gzip = announcesGzip(c)
      if (Number(c.req.header('content-length')) > maxBatchBytes) throw new Problem('body_too_large')
      const raw = await read(c, options.bodyTimeoutMs, reserve)
      if (gzip && !isGzip(raw))
        throw new Problem('body_encoding', {
          detail: 'The body is announced as gzip, but does not begin as gzip does.',
        })
      const bytes = isGzip(raw) ? await decompressed(raw) : raw
      reserve(Math.max(0, bytes.length - raw.length))
      c.set('bodyBytes', bytes.length)
      c.set('body', utf8.decode(bytes))
      return await next()
    } finally {
      over = true
      state.inFlightBytes -= held
    }
  }
}
