/** `useFlag()` and `useSuspenseFlag()`: what a flag is for this visitor. */
import type { FlagResult } from '@nunchi/protocol'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { FlagFallback, FlagKey, FlagValue } from '../flags.ts'
import { useHandle } from './context.ts'
import type { Handle } from './handle.ts'

/** The value, or the fallback where there is none, or of another type: as `client.flag()` has it. */
function shownValue({ value, reason }: FlagResult, fallback: unknown): unknown {
  const fits = fallback === undefined || fallback === null || typeof value === typeof fallback
  return value === null || !fits || /^un/.test(reason) ? fallback : value
}

function useValue(handle: Handle, key: string, fallback: unknown): unknown {
  const result = useSyncExternalStore(
    handle.subscribe,
    () => handle.inspectFlag(key),
    () => handle.server.inspectFlag(key),
  )
  const loading = useSyncExternalStore(
    handle.subscribe,
    () => handle.loading(),
    () => handle.server.loading,
  )
  // Seen is what was committed, whatever else was rendered: it is exposed there, and told of where it is unknown.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result is another thing seen; a fallback is not.
  useEffect(() => {
    handle.api()?.flag(key as FlagKey, fallback as never)
  }, [handle, key, result, loading])
  return shownValue(result, fallback)
}

/**
 * What a flag is for this visitor. Where an experiment decides it, the exposure is recorded once it is on the page.
 *
 * @param fallback what it is while no config is there, where the flag is unknown, or of another type
 */
export function useFlag<const Key extends FlagKey, const Fallback extends FlagFallback<Key>>(
  key: Key,
  fallback: Fallback,
): FlagValue<Key, Fallback> {
  return useValue(useHandle(), key, fallback) as FlagValue<Key, Fallback>
}

/**
 * As `useFlag()`, and until a config has come, or the deadline has passed without one, the nearest `<Suspense>` shows
 * its own fallback. A server waits for nothing: there `bootstrap` has decided, or the fallback holds.
 */
export function useSuspenseFlag<const Key extends FlagKey, const Fallback extends FlagFallback<Key>>(
  key: Key,
  fallback: Fallback,
): FlagValue<Key, Fallback> {
  const handle = useHandle()
  const shown = useRef(false)
  // What people see already is never taken away again.
  if (!shown.current && typeof document !== 'undefined' && handle.loading()) throw handle.ready()
  useEffect(() => {
    shown.current = true
  }, [])
  return useValue(handle, key, fallback) as FlagValue<Key, Fallback>
}
