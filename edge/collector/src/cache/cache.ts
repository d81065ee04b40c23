/** The seam between the collector and what remembers answers for it: memory here, Redis for many instances. */

/** Remembers texts for a while. It may forget any of them at any time. */
export interface Cache {
  /** What it is, for people: `memory`, `redis`. */
  readonly name: string
  /** The text last kept under the key; `undefined` where there is none, or its time is over. */
  get(key: string): Promise<string | undefined>
  /** Keeps a text for `ttlMs` (ms, above 0), in place of what was kept under the key. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Forgets what is kept under the key, if anything. */
  delete(key: string): Promise<void>
}

/** Reads what was kept as JSON; what is none (others may write there, too) counts as absent. */
export function parsed<Value extends object>(text: string | undefined): Value | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Value) : undefined
  } catch {
    return undefined
  }
}
