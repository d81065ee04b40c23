/** `/v1/items` over a real schema: what is put, listed and deleted, by whom, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemOf } from '../../test/rig.ts'
import { openRiver, type River } from '../../test/security/river.ts'

let river: River
let keys: { writer: string; reader: string; events: string; staging: string; other: string }
beforeAll(async () => {
  river = await openRiver()
  const srv = (scopes: string[], more: object = {}, project = river.projectId) =>
    river.addKey(project, 'srv', { scopes, ...more })
  keys = {
    writer: await srv(['items:write']),
    reader: await srv(['items:read']),
    events: await srv(['events:write']),
    staging: await srv([], { environment: 'staging' }),
    other: await srv([], {}, await river.addProject('Another shop')),
  }
})
afterAll(() => river.close())

function ask(
  method: string,
  {
    key = method === 'GET' ? keys.reader : keys.writer,
    body,
    query = '',
    headers = {},
  }: { key?: string; body?: unknown; query?: string; headers?: object } = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return river.collector.fetch(
    new Request(`https://collector.example/v1/items${query}`, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { body: text }),
    }),
  )
}
const json = async (response: Response) => (await response.json()) as { [field: string]: unknown }
const item = (id: string, more: object = {}) => ({ id, type: 'products', title: `Item ${id}`, ...more })

describe('/v1/items', () => {
  it('keeps good items beside bad ones, each bad one by its place, its code and its fix', async () => {
    const items = [
      item('a'),
      'b',
      item('c', { url: 'javascript:alert(1)' }),
      item('d', { tags: ['x'] }),
      { id: 'e' },
    ]
    const answer = await json(await ask('PUT', { body: { items } }))
    expect(answer).toMatchObject({
      accepted: 2,
      unchanged: 0,
      rejected: [
        { index: 1, code: 'item_invalid' },
        { index: 2, id: 'c', code: 'item_url_invalid' },
        { index: 4, id: 'e', code: 'item_invalid', fix: expect.stringMatching(/./) },
      ],
    })
    expect(await json(await ask('PUT', { body: { items } }))).toMatchObject({ accepted: 2, unchanged: 2 })
    expect(await json(await ask('PUT', { body: { items: [] } }))).toEqual({
      accepted: 0,
      unchanged: 0,
      rejected: [],
    })
  })

  it('lists them by id in pages, by type, and forgets what is deleted', async () => {
    await ask('PUT', { body: { items: [item('p1'), item('p2'), item('t1', { type: 'tools' })] } })
    expect(await json(await ask('GET', { key: keys.reader, query: '?type=tools' }))).toEqual({
      items: [expect.objectContaining(item('t1', { type: 'tools' }))],
      next: null,
    })
    const ids: unknown[] = []
    for (let after: unknown = ''; after !== null; ) {
      const page = await json(await ask('GET', { query: `?limit=2${after ? `&after=${after}` : ''}` }))
      ids.push(...(page['items'] as { id: string }[]).map(({ id }) => id))
      after = page['next']
    }
    expect(ids).toEqual(['a', 'd', 'p1', 'p2', 't1'])
    expect(await json(await ask('DELETE', { body: { ids: ['p1', 'nobody'] } }))).toEqual({ deleted: 1 })
    expect(await json(await ask('DELETE', { body: { ids: ['p1'] } }))).toEqual({ deleted: 0 })
    expect((await json(await ask('GET', { query: '?limit=1000' })))['items']).toHaveLength(4)
  })

  it('takes no stranger, no page, no other scope, and shows nobody what is another’s', async () => {
    for (const [method, init, code] of [
      ['PUT', { key: '' }, 'key_missing'],
      ['PUT', { key: river.key }, 'key_not_allowed'],
      ['GET', { key: river.key }, 'key_not_allowed'],
      ['PUT', { key: keys.reader, body: { items: [] } }, 'key_not_allowed'],
      ['DELETE', { key: keys.reader, body: { ids: [] } }, 'key_not_allowed'],
      ['GET', { key: keys.events }, 'key_not_allowed'],
      ['PUT', { body: { items: [] }, headers: { origin: 'https://shop.example' } }, 'key_in_browser'],
      ['GET', { key: keys.writer }, 'key_not_allowed'],
    ] as const) {
      expect(await problemOf(await ask(method, init)), `${method} ${JSON.stringify(init)}`).toMatchObject({
        code,
      })
    }
    for (const key of [keys.other, keys.staging]) {
      expect(await json(await ask('GET', { key }))).toEqual({ items: [], next: null })
      expect(await json(await ask('DELETE', { key, body: { ids: ['a'] } }))).toEqual({ deleted: 0 })
    }
  })

  it.each<[string, string, unknown, string, string]>([
    ['no JSON', 'PUT', '{', '', 'body_not_json'],
    ['no body', 'PUT', '', '', 'body_not_json'],
    ['no list', 'PUT', { items: {} }, '', 'items_malformed'],
    ['null', 'PUT', 'null', '', 'items_malformed'],
    ['a list alone', 'PUT', [], '', 'items_malformed'],
    ['1,001 items', 'PUT', { items: Array(1_001).fill(1) }, '', 'items_malformed'],
    ['levels', 'PUT', `{"items":${'['.repeat(100_000)}`, '', 'body_too_deep'],
    ['a megabyte', 'PUT', `{"items":["${'x'.repeat(1_048_576)}"]}`, '', 'body_too_large'],
    ['ids that are numbers', 'DELETE', { ids: [1] }, '', 'items_malformed'],
    ['ids with NUL', 'DELETE', { ids: ['a\0'] }, '', 'items_malformed'],
    ['1,001 ids', 'DELETE', { ids: Array(1_001).fill('a') }, '', 'items_malformed'],
    ['limit', 'GET', undefined, '?limit=1001', 'items_malformed'],
    ['type', 'GET', undefined, '?type=a,b', 'items_malformed'],
    ['after', 'GET', undefined, '?after=%00', 'items_malformed'],
    ['another method', 'PATCH', {}, '', 'method_not_allowed'],
  ])('refuses %s by name', async (_what, method, body, query, code) => {
    expect(await problemOf(await ask(method, { body, query }))).toMatchObject({ code })
  })
})
