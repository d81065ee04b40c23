/** `GET /v1/config/stream`: tells a visible page within two seconds that there is a new config. */
import type { FoundKey } from '../cache/keys.ts'
import type { RequestContext, Services, Use } from '../env.ts'
import { cors, preflight } from '../middleware/cors.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { Problem } from '../problem.ts'

/** How changes are told. */
export interface ConfigStreamOptions {
  /** @default '/v1/config/stream' */
  path?: string
  /**
   * How often an environment that somebody listens to is looked at, in ms: once for all listeners.
   * @default 1_000
   */
  everyMs?: number
  /**
   * How long a stream lives, in ms, give or take a fifth; the browser opens the next by itself.
   * @default 300_000
   */
  lifeMs?: number
  /**
   * The most streams at once; beyond it 503, and pages ask every minute instead.
   * @default 10_000
   */
  most?: number
}

/** How often a line goes out when nothing happens, so that proxies keep the stream, in ms. */
const heartbeatMs = 20_000

interface Listener {
  tell(version: string): void
  end(): void
}

/** The listeners of one environment, and the one timer that looks for all of them. */
interface Room {
  listeners: Set<Listener>
  version: string
  timer: ReturnType<typeof setInterval>
}

/** Keeps the rooms. A room is there while somebody listens. */
function rooms(services: Services, everyMs: number) {
  const { configs, storage } = services
  const all = new Map<string, Room>()

  const look = async (room: Room, key: FoundKey, keyHash: string): Promise<void> => {
    if (!storage) return
    try {
      const { version } = await configs.find(storage, key, keyHash)
      if (version === room.version) return
      room.version = version
      for (const listener of room.listeners) listener.tell(version)
    } catch (problem) {
      // A database that does not answer is no reason to part; a revoked key is.
      if ((problem as Problem).code === 'key_unknown')
        for (const listener of [...room.listeners]) listener.end()
    }
  }

  return {
    /** @returns leaves the room */
    enter(key: FoundKey, keyHash: string, version: string, listener: Listener): () => void {
      // By key, so that a key's end is the end of its streams and of nobody else's.
      const room: Room = all.get(keyHash) ?? {
        listeners: new Set(),
        version,
        timer: setInterval(() => look(room, key, keyHash), everyMs),
      }
      all.set(keyHash, room)
      room.listeners.add(listener)
      return () => {
        room.listeners.delete(listener)
        if (room.listeners.size > 0) return
        clearInterval(room.timer)
        all.delete(keyHash)
      }
    },
  }
}

const utf8 = new TextEncoder()

/** Versions are our own hashes; anything else in them would be a frame of somebody else's making. */
const plain = (version: string) => version.replace(/[^\w.-]/g, '')

/** How a version is told: to our SDK, and to OpenFeature's providers. */
const frames: { [format: string]: (version: string) => string } = {
  nunchi: (version) => `event: config\ndata: ${plain(version)}\n\n`,
  ofrep: (version) => `data: ${JSON.stringify({ type: 'refetchEvaluation', etag: plain(version) })}\n\n`,
}

interface Stream {
  body: ReadableStream<Uint8Array>
  close(): void
}

/** One page's stream: the version now, each new one, and a line now and then. A page that does not read is let go. */
function open(
  enter: (listener: Listener) => () => void,
  version: string,
  frame: (version: string) => string,
  life: number,
  onEnd: () => void,
): Stream {
  let finish = (): void => {}
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let ended = false
        const write = (text: string) => {
          if (ended) return
          if ((controller.desiredSize ?? 0) <= 0) return end()
          controller.enqueue(utf8.encode(text))
        }
        const leave = enter({ tell: (next) => write(frame(next)), end })
        const beats = setInterval(() => write(': \n\n'), heartbeatMs)
        const death = setTimeout(() => end(), life)
        function end(): void {
          if (ended) return
          ended = true
          clearInterval(beats)
          clearTimeout(death)
          leave()
          onEnd()
          try {
            controller.close()
          } catch {
            // The page went first.
          }
        }
        finish = end
        write(`retry: 3000\n${frame(version)}`)
      },
      cancel: () => finish(),
    },
    new CountQueuingStrategy({ highWaterMark: 16 }),
  )
  return { body, close: () => finish() }
}

/**
 * Adds the route: server-sent events named `config` whose data is the version in force, nothing else; with
 * `?format=ofrep` messages that tell OpenFeature's providers to ask again. Where the
 * runtime lives for one request only (Workers) it answers 204, which tells the browser not to come again.
 */
export function configStream(options: ConfigStreamOptions = {}): Use {
  const { path = '/v1/config/stream', everyMs = 1_000, lifeMs = 300_000, most = 10_000 } = options
  return (app, services) => {
    const { enter } = rooms(services, everyMs)
    const streams = new Set<Stream>()
    services.metrics.gauge('nunchi_config_streams', 'Open config streams.', () => streams.size)
    services.onDrain(() => {
      for (const stream of streams) stream.close()
    })

    const answer = async (c: RequestContext): Promise<Response> => {
      if (!services.storage) return c.body(null, 204)
      if (streams.size >= most || services.state.draining)
        throw new Problem('storage_unavailable', { retryAfter: 60, detail: 'Too many streams are open.' })
      const [key, keyHash] = [c.get('key'), c.get('keyHash')]
      const { version } = await services.configs.find(c.get('storage'), key, keyHash)
      const life = lifeMs * (0.8 + Math.random() * 0.4)
      const stream = open(
        (listener) => enter(key, keyHash, version, listener),
        version,
        frames[c.req.query('format') ?? 'nunchi'] ?? frames['nunchi']!,
        life,
        () => streams.delete(stream),
      )
      streams.add(stream)
      c.header('Cache-Control', 'no-store')
      c.header('X-Accel-Buffering', 'no')
      return c.body(stream.body, 200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
    }

    app.use(path, cors())
    app.use(path, limitClients(services))
    app.options(path, preflight(services, { methods: ['GET'], headers: ['Last-Event-ID', 'Cache-Control'] }))
    app.get(
      path,
      guard(services, { scope: 'config:read', pub: true, lastKnown: true }),
      limitKeys(services),
      answer,
    )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET, OPTIONS' } })
    })
  }
}
