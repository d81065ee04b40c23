/** How far down a page somebody got: marked while it scrolls, read when there is time. */

/** The depth of the page view that is open. */
export interface Scroll {
  /** The part of the page that was seen, in whole percent of its height as last read; 100 where all of it fits. */
  depth(): number
  /** Reads now what is marked; for a page that leaves. */
  settle(): void
  /** Begins another page view. */
  reset(): void
}

/** Watches until `signal` aborts. */
export function watchScroll(signal: AbortSignal): Scroll {
  let scroller: Element | undefined
  let marked: Element | null | undefined
  let bottom = 0
  let height = 0
  const here = () => location.href.split('#')[0]
  let at = here()

  const settle = () => {
    // A single-page site that shows its next page already says nothing about the one that was seen.
    if (marked === undefined || here() !== at) {
      marked = undefined
      return
    }
    const root = document.scrollingElement ?? document.documentElement
    // A page that does not scroll itself may scroll in a part of it: in one that fills half of the screen.
    const isLarge = marked && marked.clientHeight * 2 >= root.clientHeight
    const part = root.scrollHeight > root.clientHeight ? undefined : isLarge ? marked : scroller
    const next = part?.isConnected ? part : root
    marked = undefined
    if (next !== scroller) bottom = 0
    scroller = next
    bottom = Math.max(bottom, next.scrollTop + next.clientHeight)
    height = next.scrollHeight
  }
  const mark = (target: Element | null) => {
    // The scrollers' own events come in every frame; one reading in an idle moment is enough.
    if (marked === undefined)
      'requestIdleCallback' in window
        ? requestIdleCallback(settle, { timeout: 1000 })
        : setTimeout(settle, 200)
    // The page's own growth and scrolling must not hide that a part of it was scrolled.
    marked = target ?? marked ?? null
  }

  document.addEventListener('scroll', ({ target }) => mark(target instanceof Element ? target : null), {
    capture: true,
    passive: true,
    signal,
  })
  // What comes later makes the page longer, and the part that was seen smaller.
  const observer = new ResizeObserver(() => mark(null))
  observer.observe(document.documentElement)
  signal.addEventListener('abort', () => observer.disconnect())

  return {
    depth: () => (height ? Math.min(100, Math.round((100 * bottom) / height)) : 0),
    settle,
    reset() {
      bottom = height = 0
      at = here()
      mark(null)
    },
  }
}
