/** Recommendations in SQL: from events to lists, with a reason for each item and for each list that is empty. */
import type { Event, Recommendations } from '@nunchi/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { addSender, drain, type Ground, type Sender } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { someEvent } from '../../test/rig.ts'

const viewed = (anonymousId: string | undefined, itemId: string, more: object = {}): Event =>
  someEvent({ name: 'Item Viewed', anonymousId, ...more, properties: { itemId } })

/** Computes until nothing waits. */
async function refresh({ app }: Pick<Ground, 'app'>): Promise<void> {
  for (let more = true; more; ) more = (await app.call<{ more: boolean }>('refresh_recommendations', {})).more
}

describeGrounds('recommendations', (ground, rows) => {
  const teas = (n: number, more: object = {}) =>
    Array.from({ length: n }, (_, i) => ({ id: `t${i}`, type: 'teas', title: `Tea ${i}`, ...more }))
  const put = ({ keyHash }: Sender, items: object[]) => ground.app.call('set_items', { keyHash, items })
  const ask = ({ keyHash }: Sender, args: object) =>
    ground.app.call<Recommendations>('recommend', { keyHash, ...args })
  const list = async (sender: Sender, args: object) => (await ask(sender, args)).recommendations['teas']!
  const ids = async (sender: Sender, args: object) => (await list(sender, args)).items.map(({ id }) => id)

  it('follow from what others did with the same items', async () => {
    const shop = await addSender(ground)
    await put(shop, teas(12))
    await shop.send(['a', 'b', 'c'].flatMap((who) => [viewed(who, 't7'), viewed(who, 't8')]))
    await shop.send([viewed('me', 't7')])
    await drain(ground)
    await refresh(ground)
    const answer = await list(shop, { anonymousId: 'me', limit: 3 })
    expect(answer.items[0]).toMatchObject({
      id: 't8',
      reason: { code: 'because', because: { id: 't7', title: 'Tea 7' } },
    })
    expect(answer.items.map(({ id }) => id)).not.toContain('t7')
    expect(
      await rows(
        shop.projectId,
        `select preference_type, preference_value, confidence_score from nunchi.user_preferences where project_id = $p and actor = 'me'`,
      ),
    ).toEqual(['type teas 0.33333334'])
  })
})
