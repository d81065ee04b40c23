/** The flags and experiments that a project has, for the compiler: `nunchi types` extends these interfaces. */
// biome-ignore-all lint/suspicious/noEmptyInterface: a project's own types are merged into them.

/** What each flag can be, by key. Empty, as it is here, any key and any value will do. */
export interface Flags {}

/** The variants of each experiment as a union of their keys, by key. Empty, any key will do. */
export interface Experiments {}

/** The keys of flags. */
export type FlagKey = [keyof Flags] extends [never] ? string : keyof Flags & string

/** The keys of experiments. */
export type ExperimentKey = [keyof Experiments] extends [never] ? string : keyof Experiments & string

/** What a flag may fall back on. */
export type FlagFallback<Key> = Key extends keyof Flags ? Flags[Key] : unknown

/** `boolean` of `false`, `number` of `3`, `string` of `'blue'`; anything else as it is. */
type Widened<Value> = Value extends boolean
  ? boolean
  : Value extends number
    ? number
    : Value extends string
      ? string
      : Value

/** What a flag can be: as `Flags` says, else of the fallback's type. */
export type FlagValue<Key, Fallback = unknown> = Key extends keyof Flags ? Flags[Key] : Widened<Fallback>

/** The variants of an experiment. */
export type VariantKey<Key> = Key extends keyof Experiments ? Experiments[Key] & string : string
