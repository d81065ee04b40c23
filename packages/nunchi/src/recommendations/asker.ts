/** Who asks for lists. */
import type { PluginContext } from '../plugin.ts'
import type { RecommendationsOptions } from './options.ts'

/** Who asks: the person where one is signed in, and says so by a token; else the visitor. */
export async function asker(
  { client, report }: PluginContext,
  token: RecommendationsOptions['token'],
): Promise<[name: 'anonymousId' | 'userId', id: string, token?: string]> {
  const { anonymousId, userId } = client
  if (token && userId)
    try {
      const signed = await token()
      if (signed) return ['userId', userId, signed]
    } catch (error) {
      report('plugin_failed', error)
    }
  return ['anonymousId', anonymousId]
}
