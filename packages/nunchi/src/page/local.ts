/** Small values that outlive the page: localStorage that never throws, and memory where there is none. */

/** A few named JSON values, shared by all tabs of the site. */
export interface Local {
  /** @param always reads the device also while values are kept in memory only */
  get<Value>(name: string, always?: boolean): Value | undefined
  /** Writes, or removes where `value` is undefined. */
  set(name: string, value?: unknown): void
  /** The names that begin with `prefix`. */
  names(prefix: string): string[]
  /** Removes every value from the device and from memory; the mark of a refusal alone stays. */
  clear(): void
  /** `false` keeps values in memory only, from now on; `true` writes what memory holds. */
  persist(on: boolean): void
}

/**
 * Opens the values under `space`.
 *
 * @param space the prefix of every localStorage key, such as `nunchi`
 */
export function openLocal(space: string): Local {
  let on = true
  const memory = new Map<string, string>()
  /** Everything that touches localStorage may throw: blocked cookies, a full disk, a sandboxed frame. */
  const attempt = <Result>(work: (storage: Storage) => Result, always?: boolean): Result | undefined => {
    try {
      return on || always ? work(localStorage) : undefined
    } catch {}
  }
  const keys = (prefix: string): string[] => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(`${space}.${prefix}`))
    } catch {
      return []
    }
  }
  const local: Local = {
    get(name, always) {
      const text = attempt((storage) => storage.getItem(`${space}.${name}`), always) ?? memory.get(name)
      try {
        return text && JSON.parse(text)
      } catch {}
    },
    set(name, value) {
      const text = value === undefined ? undefined : JSON.stringify(value)
      memory.delete(name)
      const kept = attempt((storage) => {
        text ? storage.setItem(`${space}.${name}`, text) : storage.removeItem(`${space}.${name}`)
        return true
      })
      if (!kept && text) memory.set(name, text)
    },
    names: (prefix) => (on ? keys(prefix).map((key) => key.slice(space.length + 1)) : []),
    clear() {
      memory.clear()
      // Also while memory alone is used: an earlier page may have left values.
      for (const key of keys('')) if (localStorage[key] !== '"denied"') localStorage.removeItem(key)
    },
    persist(yes) {
      on = yes
      if (yes) for (const [name, text] of memory) local.set(name, JSON.parse(text))
    },
  }
  return local
}
