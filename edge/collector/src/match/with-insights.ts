/** Adds to matches, in words, why two fit and how to begin. */
import type { Match, Matches } from '@nunchi/protocol'
import type { RequestContext, Services } from '../env.ts'
import { explainer } from '../insights/explainer.ts'
import { keyInsights } from '../insights/gateway.ts'
import { languageOf } from '../insights/language.ts'
import { matchSubject } from '../insights/match-subject.ts'

/** How many of a page get words: each may cost a call of a model. */
const most = 10

/** The same matches, the first ten with `aiInsights`; as they are where insights are switched off, or one cannot be told. */
export async function withInsights(
  c: RequestContext,
  services: Services,
  userId: string,
  found: Matches,
): Promise<Matches> {
  const explain = services.once(explainer)
  if (!explain) return found
  const keyHash = c.get('keyHash')
  const gateway = keyInsights(c.get('storage'), keyHash, c.get('key'))
  const told = async (match: Match): Promise<Match> => {
    const subject = await matchSubject(c.get('storage'), { keyHash, id: match.id, userId }).catch(() => null)
    return subject ? { ...match, aiInsights: await explain(gateway, subject, languageOf(c)) } : match
  }
  const head = await Promise.all(found.matches.slice(0, most).map(told))
  return { ...found, matches: [...head, ...found.matches.slice(most)] }
}
