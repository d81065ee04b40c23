/** What `experiments()` puts on the client: flags, experiments, conversions, and what tools build on. */
import type {
  Config,
  ExperimentReason,
  ExperimentResult,
  FlagResult,
  Json,
  JsonObject,
  Overrides,
} from '@nunchi/protocol'
import type { ExperimentKey, FlagFallback, FlagKey, FlagValue, VariantKey } from '../flags.ts'
import type { Saved } from '../saver.ts'

/** Which variant of an experiment the visitor has. */
export interface Assignment<Key extends string = string> {
  experiment: Key
  /** The variant's key; the control's of a visitor who is not in; the fallback where the experiment is not known. */
  variant: VariantKey<Key> | ''
  /** The variant's configuration, or `null`. */
  value: Json
  /** Whether the variant was meant for this visitor, rather than the control for want of one. */
  isInExperiment: boolean
  reason: ExperimentReason
}

/** What a conversion may say besides. */
export interface ConversionOptions {
  /** Where in the funnel it is, such as `checkout`; stands on every later event of the visit. At most 200 characters. */
  step?: string
}

/** The part that is on the client itself, too: `client.flag()`, `client.experiment()`, `client.trackConversion()`. */
export interface ShortForms {
  /**
   * What a flag is for this visitor, and the exposure where an experiment decides it.
   *
   * @param fallback what it is while no config is there, where the flag is unknown, or of another type
   */
  flag<const Key extends FlagKey, const Fallback extends FlagFallback<Key>>(
    key: Key,
    fallback: Fallback,
  ): FlagValue<Key, Fallback>
  /**
   * Which variant this visitor has, and the exposure: once per visitor, experiment and revision.
   *
   * @param fallback the variant while no config is there, or where the experiment is unknown; `''` without one
   */
  experiment<const Key extends ExperimentKey>(key: Key, fallback?: VariantKey<Key>): Assignment<Key>
  /**
   * Records `Conversion Tracked`.
   *
   * @param value what it is worth, where the metric is a sum or a mean
   */
  trackConversion(metric: string, value?: number, options?: ConversionOptions): Promise<Saved>
}

/** Appears as `client.experiments`. Nothing in it throws. */
export interface ExperimentsApi extends ShortForms {
  /** Resolves once there is a config (`true`), or at the deadline without one (`false`). Never rejects. */
  readonly ready: Promise<boolean>
  /** Whether `ready` is still to resolve. */
  readonly loading: boolean
  /** The config in force; nothing while there is none. */
  readonly config: Config | undefined
  /** The values in force whatever the config says. */
  readonly overrides: Required<Overrides>
  /** What a flag is and why, without an exposure; the same object for as long as nothing of it changes. */
  inspectFlag(key: string): FlagResult
  /** Which variant and why, without an exposure; the same object for as long as nothing of it changes. */
  inspectExperiment(key: string): ExperimentResult
  /** Hears that something may be another than before: a config came, overrides or the visitor changed. @returns stops */
  onChange(listener: () => void): () => void
  /** Sets overrides in place of all before, for this tab, on all its pages; without any, removes them. */
  override(overrides?: Overrides): void
  /** Sets what is known of the visitor besides, over all else; in place of what was set before; without any, removes it. */
  setAttributes(attributes?: JsonObject): void
  /** Asks for the config now. Resolves to whether there was an answer. */
  refresh(): Promise<boolean>
}
