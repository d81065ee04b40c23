/** The preset of all routes. */
import type { Use } from './env.ts'
import { cacheTest } from './routes/cache-test.ts'
import { type ConfigOptions, config } from './routes/config.ts'
import { type ConfigStreamOptions, configStream } from './routes/config-stream.ts'
import { type EventsOptions, events } from './routes/events.ts'
import { type HealthOptions, health } from './routes/health.ts'
import { insights } from './routes/insights.ts'
import { items } from './routes/items.ts'
import { type JobsOptions, jobs } from './routes/jobs.ts'
import { manage } from './routes/manage.ts'
import { matching } from './routes/matches.ts'
import { type MetricsOptions, metrics } from './routes/metrics.ts'
import { ofrep } from './routes/ofrep.ts'
import { type OverviewOptions, overview } from './routes/overview.ts'
import { ramps } from './routes/ramps.ts'
import { type RecommendationsOptions, recommendations } from './routes/recommendations.ts'
import { results } from './routes/results.ts'
import { type ScriptOptions, script } from './routes/script.ts'
import { type SegmentOptions, segment } from './routes/segment.ts'

/** Options of the single routes. */
export interface EverythingOptions {
  config?: ConfigOptions
  configStream?: ConfigStreamOptions
  events?: EventsOptions
  /**
   * Whether flags and experiments are served: the config and its stream, managing them, their ramps and results, OFREP.
   * @default true
   */
  experiments?: boolean
  health?: HealthOptions
  /** Processes events as they are committed, and on demand. */
  jobs?: JobsOptions
  /**
   * Whether people who take part are matched.
   * @default true
   */
  matching?: boolean
  metrics?: MetricsOptions
  overview?: OverviewOptions
  /** Serves recommendations and takes the items of their catalogs; `false` for neither. */
  recommendations?: RecommendationsOptions | false
  /** Serves the SDK's script; absent, there is no such route. */
  script?: ScriptOptions
  segment?: SegmentOptions
}

/** All routes that there are, for `createCollector({ use: everything() })`. */
export function everything(options: EverythingOptions = {}): Use[] {
  const { script: scriptOptions, experiments = true, recommendations: recommending } = options
  const serving = [
    config(options.config),
    configStream(options.configStream),
    manage(),
    ramps(),
    results(),
    ofrep({ stream: options.configStream?.path ?? '/v1/config/stream' }),
  ]
  return [
    events(options.events),
    segment(options.segment),
    ...(experiments ? serving : []),
    ...(recommending === false ? [] : [recommendations(recommending), items()]),
    ...(options.matching === false ? [] : [matching()]),
    insights(),
    overview(options.overview),
    health(options.health),
    jobs(options.jobs),
    metrics(options.metrics),
    cacheTest(),
    ...(scriptOptions ? [script(scriptOptions)] : []),
  ]
}
