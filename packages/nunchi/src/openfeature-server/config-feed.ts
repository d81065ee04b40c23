/** The config of a server that stays up: asked for by its ETag every so often, one request at a time. */
import type { Config } from '@nunchi/protocol'
import { isConfig } from '../experiments/decider.ts'

/** What a feed is made of. */
export interface ConfigFeedOptions {
  /** Where the config is. */
  url: string
  headers: { [name: string]: string }
  fetch(url: string, init: RequestInit): Promise<Response>
  /** How often it asks, in ms. */
  refresh: number
  /** Takes a config that is another than before. */
  take(config: Config): void
  /** Hears how each request ended: nothing where it went well, else why it did not. */
  asked(failure?: string): void
}

/** Keeps a config fresh until it is stopped. */
export interface ConfigFeed {
  /** Asks now, and then every so often. Resolves once the first answer is there, whatever it is. */
  start(): Promise<void>
  stop(): void
}

/** An answer that has not come whole by then is given up, in ms. */
const patience = 10_000

/** What an answer that is none says. */
function failureOf({ status }: Response): string {
  if (status === 401 || status === 403)
    return `The collector refuses the key (${status}). It takes a public key, or a server key with the scope config:read.`
  return `The collector answered ${status}.`
}

/** Makes the feed of one process. */
export function createConfigFeed(options: ConfigFeedOptions): ConfigFeed {
  const { url, headers, fetch, refresh, take, asked } = options
  let tag: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false

  /** @returns why there is no answer, where there is none */
  const request = async (): Promise<string | undefined> => {
    try {
      const response = await fetch(url, {
        headers: { ...headers, ...(tag && { 'if-none-match': tag }) },
        signal: AbortSignal.timeout(patience),
      })
      if (response.status === 304) return
      if (!response.ok) return failureOf(response)
      const answer: unknown = await response.json()
      if (!isConfig(answer)) return 'The answer is no config.'
      tag = response.headers.get('etag') ?? undefined
      if (running) take(answer)
      return
    } catch (error) {
      return `The collector was not reached: ${(error as Error).message}`
    }
  }
  const ask = async () => {
    const failure = await request()
    if (!running) return
    asked(failure)
    // Processes that began together do not ask together for ever.
    timer = setTimeout(ask, refresh * (1 + Math.random() / 4))
    // What is left to do is no reason for a process to stay; where timers are numbers, none has to be told.
    ;(timer as { unref?: () => void }).unref?.()
  }

  return {
    start() {
      running = true
      return ask()
    },
    stop() {
      running = false
      clearTimeout(timer)
    },
  }
}
