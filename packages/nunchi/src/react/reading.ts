/** What flags and experiments are by a bootstrap alone: pure, so that a server and the page's first render agree. */
import {
  type Compiled,
  compile,
  type EvaluateOptions,
  type ExperimentResult,
  type Extension,
  type FlagResult,
  type JsonObject,
} from '@nunchi/protocol'
import type { Bootstrap } from '../bootstrap.ts'

/** Reads flags and experiments; the same object for the same question. */
export interface Reading {
  inspectFlag(key: string): FlagResult
  inspectExperiment(key: string): ExperimentResult
}

const nothing = { version: '', flags: {}, experiments: {} }

/** Makes a reading; without a config everything is unknown. */
export function createReading(
  bootstrap: Bootstrap | undefined,
  evaluator: Extension | undefined,
  report: (error: unknown) => void,
): Reading {
  const { config, at, ...rest }: Partial<Bootstrap> = Object(bootstrap)
  const attributes: JsonObject = Object(rest.attributes)
  const options: EvaluateOptions & { attributes: JsonObject } = {
    attributes,
    ...(at !== undefined && { now: at }),
  }
  const known = new Map<string, unknown>()
  let compiled: Compiled | undefined
  const read = <Kind extends 'flag' | 'experiment'>(kind: Kind, key: string) => {
    const name = kind + key
    if (!known.has(name))
      try {
        compiled ??= compile(config ?? nothing, evaluator)
        known.set(name, compiled[kind](key)(options))
      } catch (error) {
        // Whatever was handed over: the page gets an answer.
        report(error)
        compiled = compile(nothing)
        known.set(name, compiled[kind](key)(options))
      }
    return known.get(name) as ReturnType<Compiled[Kind]> extends (visit: never) => infer Result
      ? Result
      : never
  }
  return {
    inspectFlag: (key) => read('flag', key),
    inspectExperiment: (key) => read('experiment', key),
  }
}
