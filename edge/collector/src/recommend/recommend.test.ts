/** Recommendations in SQL: what the catalog keeps, and from events to lists, with a reason for each item and for each empty list. */
import { beforeAll, describe, expect, it } from 'vitest'
import { addSender, drain } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { about, addTeaShop, refreshAll, type TeaShop, teas, viewed } from '../../test/recommend-grounds.ts'
import { someEvent } from '../../test/rig.ts'

describeGrounds('recommendations', (ground, rows) => {
  /** Teas in four groups of tags; who looks at t7 looks at t8, and t1 is what most look at. */
  async function grown(more: (i: number) => object = () => ({})): Promise<TeaShop> {
    const shop = await addTeaShop(
      ground,
      teas(12, (i) => ({ tags: [`group-${i % 4}`], attributes: { price: i }, ...more(i) })),
    )
    const each = (people: string[], ids: string[]) =>
      people.flatMap((who) => ids.map((id) => viewed(who, id)))
    await shop.send([...each(['a', 'b', 'c', 'd'], ['t7', 't8']), ...each([...'efghijk'], ['t1', 't2'])])
    await shop.send(each(['l'], ['t1', 't3']))
    await shop.send([viewed('me', 't7')])
    await drain(ground)
    await refreshAll(ground)
    return shop
  }
  const settings = (shop: TeaShop, definition: object | null) =>
    ground.owner.call('set_recommendation_settings_of', {
      projectId: shop.projectId,
      environment: 'production',
      definition,
    })

  describe('a shop where people looked at things', () => {
    let shop: TeaShop
    beforeAll(async () => {
      shop = await grown()
    })

    it('recommends what those who had to do with the same had to do with, and says because of what', async () => {
      const { items } = await shop.list({ anonymousId: 'me', limit: 3 })
      expect(items[0]).toMatchObject({
        id: 't8',
        reason: { code: 'because', because: { id: 't7', title: 'Tea 7' } },
      })
      expect(items.map(({ id }) => id)).not.toContain('t7')
      expect(items.map(({ score }) => score)).toEqual(
        items.map(({ score }) => score).toSorted((a, b) => b - a),
      )
    })

    it('shows strangers what many look at, and a new one in the last place, the same all day', async () => {
      const { items } = await shop.list({ anonymousId: 'nobody', limit: 4 })
      expect(items.map(({ reason }) => reason.code)).toEqual(['popular', 'popular', 'popular', 'new'])
      expect(items[0]?.id).toBe('t1')
      expect(await shop.ids({ anonymousId: 'nobody', limit: 4 })).toEqual(items.map(({ id }) => id))
    })

    it('lists what is similar to an item, filling in by tags what few looked at', async () => {
      const { items } = await shop.list({ list: 'similar', context: { items: ['t7'] }, limit: 3 })
      expect(items[0]).toMatchObject({ id: 't8', reason: { code: 'because', because: { id: 't7' } } })
      const few = await shop.list({ list: 'similar', context: { items: ['t0'] }, limit: 3 })
      expect(few.items[0]).toMatchObject({
        reason: { code: 'alike', because: { id: 't0' }, tags: ['group-0'] },
      })
    })

    it('goes by the item, the cart or the page that is looked at', async () => {
      await shop.put(
        teas(1, () => ({
          id: 't7',
          title: 'Tea 7',
          url: '/teas/7',
          tags: ['group-3'],
          attributes: { price: 7 },
        })),
      )
      await refreshAll(ground)
      const page = { page: 'https://shop.example/teas/7?from=mail#top' }
      for (const context of [{ items: ['t7'] }, { items: ['t7', 't0', 'gone'] }, page])
        expect((await shop.ids({ list: 'contextual', context, limit: 2 }))[0]).toBe('t8')
    })

    it('orders what is trending by how much people look at it lately, without what the visitor saw', async () => {
      expect((await shop.ids({ list: 'trending', limit: 3 }))[0]).toBe('t1')
      expect(await shop.ids({ list: 'trending', anonymousId: 'e' })).not.toContain('t1')
    })

    it('never returns what was seen, unless asked to; what was excluded, never', async () => {
      expect(await shop.ids({ anonymousId: 'e', limit: 100 })).not.toEqual(expect.arrayContaining(['t1']))
      expect(await shop.ids({ anonymousId: 'e', limit: 100, includeSeen: true })).toContain('t1')
      expect(await shop.ids({ limit: 100, exclude: ['t1', 't2'] })).not.toEqual(
        expect.arrayContaining(['t1']),
      )
    })

    it('tells the page what lies near what, for re-ranking', async () => {
      const { neighbors } = await shop.recommend({ anonymousId: 'me', limit: 3 })
      expect(neighbors['t7']?.map(([id]) => id)).toContain('t8')
      expect(neighbors['t8']?.every(([, similarity]) => similarity > 0 && similarity <= 1)).toBe(true)
    })

    it('derives what a visitor prefers', async () => {
      const said = await rows(
        shop.projectId,
        `select preference_type, preference_value, round(confidence_score::numeric, 2) from nunchi.user_preferences
          where project_id = $p and actor = 'me' order by 1, 2`,
      )
      expect(said).toEqual(['tag group-3 0.33', 'type teas 0.33'])
    })

    it('says why a list is empty', async () => {
      const reason = async (question: object) => {
        const { items, reason: why } = await shop.list(question)
        expect(items).toEqual([])
        return why
      }
      expect(await reason({ list: 'similar', context: { items: ['unheard-of'] } })).toBe('unknown_item')
      const all = teas(12).map((tea) => (tea as { id: string }).id)
      await shop.send(all.map((id) => viewed('everything', id)))
      await drain(ground)
      expect(await reason({ anonymousId: 'everything' })).toBe('all_seen')
      expect(await reason({ exclude: all })).toBe('filtered')
      await settings(shop, { types: ['prompts'], rules: [{ filter: { price: { $gt: 99 } } }] })
      expect(await reason({ anonymousId: 'me' })).toBe('filtered')
      expect((await shop.recommend({ types: ['prompts'] })).recommendations['prompts']?.reason).toBe(
        'empty_catalog',
      )
      await settings(shop, null)
    })
  })

  it('keeps business rules: filters, boosts and pins', async () => {
    const shop = await grown()
    await settings(shop, {
      rules: [
        { filter: { $or: [{ price: { $lt: 6 } }, { tags: { $in: ['group-2'] } }] } },
        { boost: 50, when: { price: 5 }, lists: ['trending'] },
        { pin: ['t10', 't3'], types: ['teas'] },
        { pin: ['t4'], lists: ['similar'] },
      ],
    })
    const { items } = await shop.list({ list: 'trending', limit: 5 })
    expect(items.map(({ id }) => id).slice(0, 3)).toEqual(['t10', 't3', 't1'])
    expect(items[0]?.reason).toEqual({ code: 'pinned' })
    expect(items.map(({ id }) => id)).not.toContain('t7')
  })

  it('takes an item away from whom dismissed it, until they come back to it', async () => {
    const shop = await grown()
    const now = Date.now()
    await shop.send([about('Item Dismissed', 'me', 't8', { ts: now - 1000 })])
    await drain(ground)
    expect(await shop.ids({ anonymousId: 'me', limit: 100, includeSeen: true })).not.toContain('t8')
    await shop.send([viewed('me', 't8')])
    await drain(ground)
    expect(await shop.ids({ anonymousId: 'me', limit: 100, includeSeen: true })).toContain('t8')
  })

  it('answers again what was answered, until the visitor does something or the catalog changes', async () => {
    const shop = await grown()
    const id = async () => (await shop.list({ anonymousId: 'me' })).recommendationId
    const first = await id()
    expect(await id()).toBe(first)
    await shop.send([viewed('somebody', 't3')])
    await drain(ground)
    expect(await id()).toBe(first)
    await shop.send([viewed('me', 't3')])
    await drain(ground)
    const second = await id()
    expect(second).not.toBe(first)
    await shop.put(teas(1, () => ({ title: 'Another' })))
    expect(await id()).not.toBe(second)
  })

  it('does not recommend what is gone or not to be had, and brings back what comes back', async () => {
    const shop = await grown()
    const whose = { projectId: shop.projectId, environment: 'production' }
    await ground.owner.call('delete_items_of', { ...whose, ids: ['t8'] })
    await shop.put(teas(2, (i) => ({ available: i !== 1 })))
    const have = async () => {
      await refreshAll(ground)
      const ids = await shop.ids({ anonymousId: 'me', limit: 100 })
      return ['t1', 't8'].filter((id) => ids.includes(id))
    }
    expect(await have()).toEqual([])
    expect((await shop.list({ list: 'similar', context: { items: ['t8'] } })).reason).toBe('unknown_item')
    await shop.put([...teas(2), { id: 't8', type: 'teas', title: 'Tea 8' }])
    expect(await have()).toEqual(['t1', 't8'])
    expect((await shop.ids({ anonymousId: 'me' }))[0]).toBe('t8')
  })

  it('answers an anonymousId from its own events alone, and a verified userId from all of the person’s devices', async () => {
    const shop = await grown()
    await shop.send([
      someEvent({ type: 'identify', anonymousId: 'me', userId: 'u1' }),
      someEvent({ type: 'identify', anonymousId: 'phone', userId: 'u1' }),
      // A server's event names no device.
      viewed(undefined, 't2', { userId: 'u1' }),
    ])
    await drain(ground)
    const seen = async (who: object) => {
      const ids = await shop.ids({ ...who, limit: 100 })
      return ['t2', 't7'].filter((id) => !ids.includes(id))
    }
    expect(await seen({ anonymousId: 'phone' })).toEqual([])
    expect(await seen({ anonymousId: 'u1' })).toEqual([])
    expect(await seen({ anonymousId: 'me' })).toEqual(['t7'])
    expect(await seen({ userId: 'u1' })).toEqual(['t2', 't7'])
  })

  it('tells nobody of another user’s past because a page calls alias()', async () => {
    const shop = await addTeaShop(ground, teas(5), 'pub')
    await shop.send([
      viewed(undefined, 't2', { userId: 'victim' }),
      viewed('laptop', 't3'),
      someEvent({ type: 'identify', anonymousId: 'laptop', userId: 'victim' }),
      someEvent({ type: 'alias', userId: 'thief', previousId: 'victim' }),
    ])
    await drain(ground)
    expect(await shop.ids({ userId: 'thief', limit: 100 })).toEqual(expect.arrayContaining(['t2', 't3']))
  })

  it('counts what was seen and clicked, by list', async () => {
    const shop = await grown()
    const shown = (name: string, properties: object) =>
      someEvent({ name, properties: { list: 'user', ...properties } })
    await shop.send([
      shown('Recommendation Viewed', { items: ['t1', 't2', 'unheard-of'] }),
      shown('Recommendation Viewed', { items: ['t1'] }),
      shown('Recommendation Clicked', { itemId: 't1' }),
    ])
    await drain(ground)
    expect(
      await rows(
        shop.projectId,
        `select list, item, impressions, clicks from nunchi.recommendation_days where project_id = $p order by 2`,
      ),
    ).toEqual(['user t1 2 1', 'user t2 1 0'])
  })

  it('counts what fails because of the data, and answers with the reason', async () => {
    const shop = await grown()
    expect((await shop.list({ types: ['teas'], limit: 'ten' })).reason).toBe('error')
    expect(
      await rows(
        shop.projectId,
        `select code, errors from nunchi.recommendation_errors where project_id = $p`,
      ),
    ).toEqual(['22P02 1'])
  })

  it('erases and exports what a person had to do with', async () => {
    const shop = await grown()
    const left = () =>
      rows(
        shop.projectId,
        `select count(*) from nunchi.interactions where project_id = $p and actor = 'me'
      union all select count(*) from nunchi.user_preferences where project_id = $p and actor = 'me'`,
      )
    expect(await left()).toEqual(['1', '2'])
    const { rows: page } = await ground.owner.call<{ rows: object[] }>('export_person', {
      projectId: shop.projectId,
      ids: ['me'],
      table: 'interactions',
    })
    expect(page).toMatchObject([{ item: 't7', weight: 1, kinds: { view: 1 } }])
    for (let done = false; !done; )
      done = (
        await ground.owner.call<{ done: boolean }>('erase_person', { projectId: shop.projectId, id: 'me' })
      ).done
    expect(await left()).toEqual(['0', '0'])
  })

  describe('the catalog', () => {
    const oak = {
      id: 'oak',
      type: 'products',
      title: 'Oak table',
      tags: ['wood', 'table'],
      attributes: { price: 39, was: null },
    }

    it('keeps the good items beside a bad one, and says of the bad one what is wrong and how to mend it', async () => {
      const { projectId, keyHash } = await addSender(ground)
      const answer = await ground.app.call('set_items', {
        keyHash,
        items: [
          oak,
          { id: '', type: 'products', title: 'x' },
          7,
          { ...oak, id: 'b', tags: 'wood' },
          { ...oak, id: 'ash' },
        ],
      })
      expect(answer).toEqual({
        accepted: 2,
        unchanged: 0,
        rejected: [
          {
            index: 1,
            id: '',
            code: 'item_invalid',
            detail: 'id must be a text of 1 to 200 characters.',
            fix: 'Give the item a id.',
          },
          {
            index: 2,
            code: 'item_invalid',
            detail: 'It is no JSON object.',
            fix: 'Send items such as { "id", "type", "title" }.',
          },
          {
            index: 3,
            id: 'b',
            code: 'item_invalid',
            detail: 'tags must be a list of texts.',
            fix: 'Mend or leave away tags.',
          },
        ],
      })
      expect(await rows(projectId, `select id from nunchi.items where project_id = $p order by 1`)).toEqual([
        'ash',
        'oak',
      ])
      const page = await ground.app.call('list_items', { keyHash, limit: 1, after: 'ash' })
      expect(page).toEqual({ items: [{ ...oak, available: true, tags: ['table', 'wood'] }], next: 'oak' })
    })

    it('changes nothing where an item says what it said before', async () => {
      const { projectId, keyHash } = await addSender(ground)
      const put = (item: object) => ground.app.call('set_items', { keyHash, items: [item] })
      const versions = () =>
        rows(projectId, `select version from nunchi.recommendation_catalogs where project_id = $p`)
      await put(oak)
      expect(await put(Object.fromEntries(Object.entries(oak).toReversed()))).toMatchObject({
        accepted: 1,
        unchanged: 1,
      })
      expect(await versions()).toEqual(['1'])
      expect(await put({ ...oak, available: false })).toMatchObject({ unchanged: 0 })
      expect(await versions()).toEqual(['2'])
    })

    it('takes items out and brings them back', async () => {
      const { keyHash } = await addSender(ground)
      await ground.app.call('set_items', { keyHash, items: [oak] })
      expect(await ground.app.call('delete_items', { keyHash, ids: ['oak', 'nothing'] })).toEqual({
        deleted: 1,
      })
      expect(await ground.app.call('list_items', { keyHash })).toEqual({ items: [], next: null })
      expect(await ground.app.call('set_items', { keyHash, items: [oak] })).toMatchObject({
        accepted: 1,
        unchanged: 0,
      })
      expect(await ground.app.call('list_items', { keyHash })).toMatchObject({ items: [{ id: 'oak' }] })
    })

    it('lets a server key alone write, in its own project and environment', async () => {
      const { keyHash } = await addSender(ground, { kind: 'pub' })
      const asked = { keyHash, items: [oak] }
      expect(await ground.app.call('set_items', asked)).toEqual({ error: 'key_not_allowed' })
      expect(await ground.app.call('set_items', { ...asked, keyHash: 'none' })).toEqual({
        error: 'key_unknown',
      })
      await expect(ground.app.call('set_items_of', {})).rejects.toThrow()
    })

    it('answers a list of each type, and names the types where one is unknown', async () => {
      const { keyHash } = await addSender(ground)
      await ground.app.call('set_items', { keyHash, items: [oak, { ...oak, id: 'p', type: 'prompts' }] })
      const answer = await ground.app.call<{ recommendations: object }>('recommend', {
        keyHash,
        anonymousId: 'a1',
      })
      expect(Object.keys(answer.recommendations).toSorted()).toEqual(['products', 'prompts'])
      expect(await ground.app.call('recommend', { keyHash, types: ['tools'] })).toEqual({
        error: 'unknown_type',
        types: ['products', 'prompts'],
      })
    })
  })
})
