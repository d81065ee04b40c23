/** The catalog in SQL: what set_items() keeps, what it refuses, and who may call it. */
import { expect, it } from 'vitest'
import { addSender } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'

describeGrounds('the catalog', (ground, rows) => {
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
