/** What `doctor` thinks of insights: whether a model is called, which one, what it may see, and what it cost today. */
import { type InsightsSettings, insightsSettings, nodeFetch } from '@nunchi/collector/node'
import type { Check } from '../check.ts'
import type { Database } from '../database/open.ts'
import { fail, ok, warn } from './verdict.ts'

/** What is known of them. */
export interface InsightsFacts extends Pick<InsightsSettings, 'insights' | 'faults'> {
  /** Why the model's address may not be called, now that its name was looked up. */
  refused: string | undefined
  /** Today (UTC), by project. */
  usage: { project: string; tokens: number; calls: number; refused: number }[]
}

/** Collects it: the settings as the collector would read them from this environment, the rest from the database. */
export async function insightsFacts({ owner }: Pick<Database, 'owner'>): Promise<InsightsFacts> {
  const { insights, faults, privateHosts } = insightsSettings(process.env)
  const model = insights ? insights.model : undefined
  if (!model) return { insights, faults, refused: undefined, usage: [] }
  const refused = await nodeFetch(privateHosts)
    .check(model.url)
    .then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    )
  const usage = await owner.call<InsightsFacts['usage']>('insight_usage_today', {}).catch(() => [])
  return { insights, faults, refused, usage }
}

const name = 'insights'

/** One check where insights are switched on; none where they are off. */
export function judgeInsights({ insights, faults, refused, usage }: InsightsFacts): Check | undefined {
  const [fault = refused] = faults
  if (fault)
    return fail(
      name,
      fault.replace(/\.$/, ''),
      'Correct the variable; docs/guide/insights.md describes each.',
    )
  if (insights === false) return undefined
  const { model } = insights
  if (!model) return ok(name, 'from templates; no language model is set, and nothing leaves')
  const { host } = new URL(model.url)
  const seen = model.attributes ? model.attributes.join(', ') || 'no attributes' : 'the usual attributes'
  const spent = usage.filter((one) => one.refused > 0)
  if (spent.length > 0)
    return warn(
      name,
      `${spent.map(({ project }) => project).join(', ')}: today's ${model.dailyTokens} tokens are spent; templates stand in`,
      'Raise NUNCHI_AI_DAILY_TOKENS, or wait for midnight UTC.',
    )
  const tokens = usage.reduce((sum, one) => sum + one.tokens, 0)
  return ok(name, `${model.name} at ${host} is given ${seen}; ${tokens} tokens today`)
}
