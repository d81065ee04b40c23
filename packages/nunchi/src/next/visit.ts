/** One visit to a server: what its flags and experiments are, and what the page is told of it. */
import {
  type Compiled,
  type Config,
  evaluateExperiment,
  evaluateFlag,
  type JsonObject,
} from '@nunchi/protocol'
import type { Bootstrap } from '../bootstrap.ts'
import { idPattern } from '../cookie.ts'
import type { Report } from '../errors.ts'
import type { Assignment } from '../experiments/api.ts'
import { deviceClass } from '../experiments/attributes.ts'
import type { ExperimentKey, FlagFallback, FlagKey, FlagValue, VariantKey } from '../flags.ts'
import type { ListQuery } from './list-source.ts'

/** What `cookies()` of `next/headers` resolves to, or any other with a `get`. */
export interface AnyCookies {
  get(name: string): { value: string } | undefined
}

/** What `headers()` of `next/headers` resolves to, or any `Headers`. */
export interface AnyHeaders {
  get(name: string): string | null
}

/** Who is visiting. */
export interface VisitOptions {
  cookies: AnyCookies
  /** Gives `deviceClass` and `locale`, where conditions ask for them. */
  headers?: AnyHeaders
  /** What you know besides: `userId`, `plan`, `country`. It reaches the page. */
  attributes?: JsonObject
  /**
   * Has the collector asked for lists, so that the page's first `useRecommendations()` has them: say what that one will ask
   * for, without a `type` for all of them. @default no lists
   */
  recommendations?: ListQuery
}

/** What holds for this visit. Nothing is recorded here: the page records what it shows. */
export interface Visit {
  /** What a flag is for this visitor; `fallback` where it is unknown, of another type, or there is no config. */
  flag<const Key extends FlagKey, const Fallback extends FlagFallback<Key>>(
    key: Key,
    fallback: Fallback,
  ): FlagValue<Key, Fallback>
  /** Which variant this visitor has. Where only the server shows it, put `<Experiment name="…" />` beside it. */
  experiment<const Key extends ExperimentKey>(key: Key, fallback?: VariantKey<Key>): Assignment<Key>
  /** For `<NunchiProvider bootstrap>`. */
  bootstrap: Bootstrap
}

/** What a visit is decided by. */
export interface VisitBasis {
  config: Config | undefined
  compiled: Compiled
  /** A config that knows nothing. */
  nothing: Compiled
  attributes: JsonObject
  now: number
  report: Report
}

/** The visitor as the server sees them. */
export function attributesOf(cookie: string, { cookies, headers, attributes }: VisitOptions): JsonObject {
  const id = cookies.get(cookie)?.value ?? ''
  const agent = headers?.get('user-agent')
  const [locale] = (headers?.get('accept-language') ?? '').split(/[,;]/)
  return {
    ...(idPattern.test(id) && { anonymousId: id }),
    ...(agent && { deviceClass: deviceClass({ userAgent: agent, maxTouchPoints: 0 }) }),
    ...(locale && { locale }),
    ...attributes,
  }
}

/** Decides for one visit. @param more what the page is told besides */
export function createVisit(
  { config, compiled, nothing, attributes, now, report }: VisitBasis,
  more: Pick<Bootstrap, 'cookie' | 'recommendations' | 'recommendationsQuery'>,
): Visit {
  const safely = <Result>(evaluate: (config: Compiled) => Result): Result => {
    try {
      return evaluate(compiled)
    } catch (error) {
      // Whatever the config is, a file of the site's perhaps: the visit gets an answer.
      report('plugin_failed', error)
      return evaluate(nothing)
    }
  }
  return {
    flag(key, fallback) {
      const { value, reason } = safely((config) => evaluateFlag(config, key, attributes, { now }))
      if (config && reason === 'unknown') report('flag_unknown', { flag: key })
      const fits = fallback === undefined || fallback === null || typeof value === typeof fallback
      return (value === null || !fits || /^un/.test(reason) ? fallback : value) as never
    },
    experiment(key, fallback) {
      const { variant, value, reason, inExperiment } = safely((config) =>
        evaluateExperiment(config, key, attributes, { now }),
      )
      if (config && reason === 'unknown') report('experiment_unknown', { experiment: key })
      return {
        experiment: key,
        variant: variant || fallback || '',
        value,
        isInExperiment: inExperiment,
        reason,
      } as never
    },
    bootstrap: { config, attributes, at: now, ...more },
  }
}
