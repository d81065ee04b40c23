/** How long a page was in sight: only while it is visible, whatever the clock of the device says. */

/** A clock that runs while the page is in sight. */
export interface VisibleClock {
  /** In whole ms. */
  time(): number
  /** Goes on where the page is visible. */
  go(): void
  stop(): void
  /** Begins at zero again. */
  reset(): void
}

/** Makes one; it runs where the page is visible. */
export function visibleClock(): VisibleClock {
  let before = 0
  let since: number | undefined
  const time = () => before + (since === undefined ? 0 : performance.now() - since)
  const clock: VisibleClock = {
    time: () => Math.round(time()),
    go() {
      // Hidden, too, is a page that is rendered ahead.
      if (document.visibilityState === 'visible') since ??= performance.now()
    },
    stop() {
      before = time()
      since = undefined
    },
    reset() {
      before = 0
      if (since !== undefined) since = performance.now()
    },
  }
  clock.go()
  return clock
}
