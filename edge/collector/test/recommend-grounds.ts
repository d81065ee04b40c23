/** Catalogs, visitors who look at things, and the lists they get: what the tests of recommendations stand on. */
import type { Event, RecommendationAnswer, Recommendations } from '@nunchi/protocol'
import { addSender, type Ground, type Sender } from './processing.ts'
import { someEvent } from './rig.ts'

/** A project with a catalog of teas `t0`, `t1`, …. */
export interface TeaShop extends Sender {
  put(items: object[]): Promise<unknown>
  recommend(question: object): Promise<Recommendations>
  /** The list of teas. */
  list(question: object): Promise<RecommendationAnswer>
  ids(question: object): Promise<string[]>
}

/** So many teas; `more` adds to each. */
export const teas = (count: number, more: (i: number) => object = () => ({})): object[] =>
  Array.from({ length: count }, (_, i) => ({ id: `t${i}`, type: 'teas', title: `Tea ${i}`, ...more(i) }))

/** Makes the project. */
export async function addTeaShop(
  ground: Ground,
  items: object[],
  kind: 'pub' | 'srv' = 'srv',
): Promise<TeaShop> {
  const sender = await addSender(ground, { kind })
  const whose = { projectId: sender.projectId, environment: 'production' }
  const put = (given: object[]) => ground.owner.call('set_items_of', { ...whose, items: given })
  const recommend = (question: object) =>
    ground.app.call<Recommendations>('recommend', { keyHash: sender.keyHash, ...question })
  const list = async (question: object) =>
    (await recommend(question)).recommendations['teas'] as RecommendationAnswer
  await put(items)
  return {
    ...sender,
    put,
    recommend,
    list,
    ids: async (question) => (await list(question)).items.map(({ id }) => id),
  }
}

/** An event about one tea. */
export const about = (
  name: string,
  anonymousId: string | undefined,
  itemId: string,
  more: object = {},
): Event => someEvent({ name, anonymousId, sessionId: undefined, ...more, properties: { itemId } })

/** Somebody looked at a tea. */
export const viewed = (anonymousId: string | undefined, itemId: string, more: object = {}): Event =>
  about('Item Viewed', anonymousId, itemId, more)

/** Computes until nothing waits, so many items at a time. */
export async function refreshAll({ app }: Pick<Ground, 'app'>, limit = 20): Promise<void> {
  for (let more = true; more; )
    more = (await app.call<{ more: boolean }>('refresh_recommendations', { limit })).more
}
