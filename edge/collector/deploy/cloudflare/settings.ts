/** What a Worker's variables and secrets say of insights, and whom the collector may call. */
import { type GuardedFetch, guardedFetch } from '../../src/guarded-fetch.ts'
import type { InsightsOptions } from '../../src/insights/insights-options.ts'
import type { Log } from '../../src/log.ts'
// Of Node it has the name alone: it reads an environment, and imports nothing of the runtime.
import { insightsSettings } from '../node/config.ts'

/** What `createCollector` takes of it. */
export interface WorkerSettings {
  insights: InsightsOptions | false
  /** Names are resolved by the runtime, so only the text of each address is checked, redirects included. */
  fetch: GuardedFetch
}

/** Variables may be numbers and truths in wrangler.jsonc; bindings are objects, and no variables. */
function textsOf(env: object): { [name: string]: string } {
  const plain = Object.entries(env).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]))
}

/**
 * Reads `FEATURE_AI_INSIGHTS`, the variables `NUNCHI_AI_…` and `NUNCHI_ALLOW_PRIVATE_HOSTS`, as on Node. A Worker has no
 * start that could fail: what is wrong is an error in the log, no model is called, and events are taken all the same.
 */
export function workerSettings(env: object, log: Log): WorkerSettings {
  const { insights, faults, privateHosts } = insightsSettings(textsOf(env))
  for (const fault of faults) log.error(`${fault} Until that is mended, no language model is called.`)
  const templates = insights === false ? false : {}
  return { insights: faults.length > 0 ? templates : insights, fetch: guardedFetch({ allow: privateHosts }) }
}
