/** What a device can do, in a few coarse words: enough to compare groups, too little to know one again. */
import type { JsonObject } from '@nunchi/protocol'

/** What browsers say that not all of them know. */
interface Hints {
  connection?: { effectiveType?: string; saveData?: boolean }
  deviceMemory?: number
}

/** Reads it; no layout is computed for it. */
export function deviceCapabilities(): JsonObject {
  const is = (query: string) => matchMedia(`(${query})`).matches
  const { connection: { effectiveType, saveData } = {}, deviceMemory } = navigator as Hints
  return {
    viewport: is('min-width:1024px') ? 'large' : is('min-width:640px') ? 'medium' : 'small',
    pointer: is('pointer:fine') ? 'fine' : is('pointer:coarse') ? 'coarse' : 'none',
    touch: navigator.maxTouchPoints > 0,
    reducedMotion: is('prefers-reduced-motion:reduce'),
    dark: is('prefers-color-scheme:dark'),
    ...(effectiveType && { connection: effectiveType }),
    ...(saveData && { saveData }),
    ...(deviceMemory && { memory: deviceMemory < 4 ? 'low' : deviceMemory < 8 ? 'medium' : 'high' }),
  }
}
