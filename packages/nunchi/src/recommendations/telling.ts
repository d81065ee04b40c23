/** Who hears of changes of lists: once for all that changes in one go, and never within the call that changed it. */
import type { Report } from '../errors.ts'
import { createListeners, type Listeners } from '../listeners.ts'

/** Listeners, and whether there are any. */
export interface Telling extends Listeners {
  heard(): boolean
}

/** Makes it. */
export function createTelling(report: Report): Telling {
  const { tell, onChange } = createListeners(report)
  const stops = new Set<() => void>()
  let telling = false
  return {
    // Whoever called `track()` does not wait for lists to be drawn.
    tell() {
      if (telling) return
      telling = true
      Promise.resolve().then(() => {
        telling = false
        tell()
      })
    },
    onChange(listener) {
      const stop = onChange(listener)
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    heard: () => stops.size > 0,
  }
}
