/** Where the config comes from: asked for when the page begins, and again when a visible page hears of another. */

/** What a source is made of. */
export interface SourceOptions {
  /** Where the config is. */
  url: string
  /** Where changes are told; without it the page asks. */
  stream: string | undefined
  /** How often it asks where it is not told, in ms; 0 for never. */
  refresh: number
  /** The version in force. */
  version(): string | undefined
  /** Takes an answer. @returns whether it was a config */
  take(answer: unknown): boolean
}

/** Keeps a config fresh. */
export interface Source {
  /** Asks now; one request at a time. Resolves to whether a config came. */
  ask(): Promise<boolean>
  /** The page is seen: listens, or asks every so often. */
  show(): void
  /** The page is not seen: no connection stays open, which would keep it out of the back/forward cache. */
  hide(): void
}

/** An answer that has not come whole by then is given up, in ms. */
const patience = 10_000

/** How long a cache between here and the collector may still answer with the version before, in ms. */
const lag = 3_000

/** Makes the source of one page. */
export function createSource({ url, stream, refresh, version, take }: SourceOptions): Source {
  let timer: ReturnType<typeof setTimeout> | undefined
  let events: EventSource | undefined
  let asking: Promise<boolean> | undefined
  /** When the last answer came, in ms of the page's own clock. */
  let answered = Number.NEGATIVE_INFINITY
  /** The version that the collector told of last. */
  let told: string | undefined
  let shown = false
  let failed = false

  const request = async (): Promise<boolean> => {
    const abort = new AbortController()
    const clock = setTimeout(() => abort.abort(), patience)
    failed = true
    try {
      // Revalidated by the browser itself: a header of ours would cost a preflight.
      const response = await fetch(url, { credentials: 'omit', cache: 'no-cache', signal: abort.signal })
      if (!response.ok || !take(await response.json())) return false
      answered = performance.now()
      failed = false
      return true
    } catch {
      return false
    } finally {
      clearTimeout(clock)
      asking = undefined
    }
  }
  const ask = () => {
    asking ??= request()
    return asking
  }
  const wait = (ms: number) => {
    clearTimeout(timer)
    // Pages that began together, or lost a collector together, do not come back together.
    if (ms && shown) timer = setTimeout(next, ms * (1 + Math.random() / 4))
  }
  const next = async () => {
    await ask()
    if (!shown) return
    listen()
    if (!events) wait(refresh)
  }
  const close = () => {
    events?.close()
    events = undefined
  }
  const listen = () => {
    if (!stream || events) return
    let heard = false
    try {
      events = new EventSource(stream)
    } catch {
      // None in this browser, or forbidden by the site's policy.
      return
    }
    events.addEventListener('config', async ({ data }) => {
      heard = true
      told = data
      if (told !== version()) await ask()
      if (told !== version()) wait(lag)
    })
    // Its end is no fault: a stream lives five minutes. One that told nothing is not there: 204, 503, a proxy.
    events.onerror = () => {
      close()
      wait(heard ? lag : refresh)
    }
  }

  return {
    ask,
    show() {
      // Shown again while it is: the network is back.
      if (shown && !failed) return
      shown = true
      if (performance.now() - answered < (refresh || Number.POSITIVE_INFINITY)) {
        listen()
        if (!events) wait(refresh)
      } else next()
    },
    hide() {
      shown = false
      clearTimeout(timer)
      close()
    },
  }
}
