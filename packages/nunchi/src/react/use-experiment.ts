/** `useExperiment()`: which variant this visitor has. */
import type { Json } from '@nunchi/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { ConversionOptions } from '../experiments/api.ts'
import type { ExperimentKey, VariantKey } from '../flags.ts'
import { notKept } from '../recorder.ts'
import type { Saved } from '../saver.ts'
import { useHandle } from './context.ts'
import type { Handle } from './handle.ts'

/** What a component knows of an experiment. */
export interface ExperimentState<Key extends string = string> {
  /** The variant's key; the control's of a visitor who is not in; `''` while nothing is known. */
  variant: VariantKey<Key> | ''
  /** The variant's configuration, or `null`. */
  value: Json
  /** Whether a config is still awaited. */
  loading: boolean
  /** Whether the variant was meant for this visitor, rather than the control for want of one. */
  isInExperiment: boolean
  /** Records `Conversion Tracked`, as the client's `trackConversion()`; the same function on each render. */
  trackConversion(metric: string, value?: number, options?: ConversionOptions): Promise<Saved>
}

/** Makes the conversion of a handle. */
function converter(handle: Handle): ExperimentState['trackConversion'] {
  return async (metric, value, options) =>
    (await handle.api()?.trackConversion(metric, value, options)) ?? notKept
}

/**
 * Which variant of an experiment this visitor has. The exposure is recorded once it is on the page: once per visitor,
 * experiment and revision, however often a component renders or is mounted.
 */
export function useExperiment<const Key extends ExperimentKey>(key: Key): ExperimentState<Key> {
  const handle = useHandle()
  const result = useSyncExternalStore(
    handle.subscribe,
    () => handle.inspectExperiment(key),
    () => handle.server.inspectExperiment(key),
  )
  const loading = useSyncExternalStore(
    handle.subscribe,
    () => handle.loading(),
    () => handle.server.loading,
  )
  // Seen is what was committed, whatever else was rendered: it is exposed there, and told of where it is unknown.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result is another thing seen.
  useEffect(() => {
    handle.api()?.experiment(key)
  }, [handle, key, result, loading])
  const trackConversion = useMemo(() => converter(handle), [handle])
  const { variant, value, inExperiment } = result
  return {
    variant: variant as VariantKey<Key> | '',
    value,
    loading,
    isInExperiment: inExperiment,
    trackConversion,
  }
}
