/** `<Experiment>`: shows the variant of this visitor. */
import { createElement, Fragment, type ReactElement, type ReactNode } from 'react'
import type { ExperimentKey, VariantKey } from '../flags.ts'
import { type ExperimentState, useExperiment } from './use-experiment.ts'

/** What `<Experiment>` takes: `variants`, or a function as its child. */
export interface ExperimentProps<Key extends ExperimentKey = ExperimentKey> {
  /** The experiment's key. */
  name: Key
  /** What each variant shows, by its key; a server component may have rendered it. */
  variants?: { [Variant in VariantKey<Key>]?: ReactNode }
  /** Shown where nothing is known, or the variant is not among `variants`. */
  fallback?: ReactNode
  /** Shows any variant, from what `useExperiment()` gives. */
  children?: (experiment: ExperimentState<Key>) => ReactNode
}

/** Shows the visitor's variant of an experiment, and records the exposure; with neither variants nor child, only that. */
export function Experiment<const Key extends ExperimentKey>({
  name,
  variants,
  fallback,
  children,
}: ExperimentProps<Key>): ReactElement {
  const experiment = useExperiment(name)
  const shown: { [variant: string]: ReactNode } = variants ?? {}
  const { variant } = experiment
  const known = Object.keys(shown).includes(variant)
  return createElement(Fragment, null, children ? children(experiment) : known ? shown[variant] : fallback)
}
