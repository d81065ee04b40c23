/** Compiles each config once, however many evaluations it answers. */
import { type Compiled, type Config, compile, fullEvaluator } from '@nunchi/protocol'

const known = new WeakMap<Config, Compiled>()

/** The config, compiled with all that evaluation can do. */
export function compiledOf(config: Config): Compiled {
  const compiled = known.get(config) ?? compile(config, fullEvaluator)
  known.set(config, compiled)
  return compiled
}
