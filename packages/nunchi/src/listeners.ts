/** Who wants to hear that something may be another than before. */
import type { Report } from './errors.ts'

/** The listeners of one client; what one throws reaches neither the others nor the page. */
export interface Listeners {
  tell(): void
  /** @returns stops */
  onChange(listener: () => void): () => void
}

/** Makes an empty list of them. */
export function createListeners(report: Report): Listeners {
  const listeners = new Set<() => void>()
  return {
    tell() {
      for (const listener of [...listeners])
        try {
          listener()
        } catch (error) {
          report('plugin_failed', error)
        }
    },
    onChange(listener) {
      // A function of its own: the same one may listen twice.
      const mine = () => listener()
      listeners.add(mine)
      return () => {
        listeners.delete(mine)
      }
    },
  }
}
