/** Waiting in tests for what must come. */
import { vi } from 'vitest'

/** Looks again and again until `look` throws no more. Its patience says nothing of the product: a slow machine fails no test. */
export const waitFor = <Found>(look: () => Found | Promise<Found>): Promise<Found> =>
  vi.waitFor(look, { timeout: 20_000 })
