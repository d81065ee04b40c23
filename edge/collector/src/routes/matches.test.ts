/** `/v1/matches` over HTTP: who may ask and tell what, and what nobody can find out by it. */
import type { Matches, MatchStanding, Recommendations } from '@nunchi/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goodAnswer, type MockModel, mockModel } from '../../test/insights/mock-model.ts'
import { newId, problemOf, someBatch, someEvent } from '../../test/rig.ts'
import { eventsRequest } from '../../test/security/river.ts'
import { type TokenGrounds, tokenGrounds } from '../../test/security/token-grounds.ts'
import { createCollector, everything, type Storage } from '../index.ts'
import { matchPeople } from '../jobs/match.ts'
import { createLog } from '../log.ts'

let at: TokenGrounds
let mock: MockModel
let server: string

beforeAll(async () => {
  at = await tokenGrounds()
  mock = await mockModel()
  server = await at.addKey(at.projectId, 'srv')
}, 60_000)
afterAll(async () => {
  await mock.close()
  await at.close()
})
beforeEach(async () => {
  for (const table of ['consents', 'blocks', 'decisions', 'candidates', 'runs'])
    await at.rows(`delete from nunchi.match_${table}`)
  await at.rows('delete from nunchi.items')
})

interface Sent {
  as?: string | undefined
  body?: unknown
  headers?: Record<string, string>
  on?: typeof at.collector
}

async function send(method: string, path: string, { as, body, headers = {}, on = at.collector }: Sent = {}) {
  const authorization = as === undefined ? {} : { authorization: `Bearer ${as}` }
  const key = as?.startsWith('nk_') ? '' : `${path.includes('?') ? '&' : '?'}key=${at.key}`
  return on.fetch(
    new Request(`https://collector.example/v1/${path}${key}`, {
      method,
      headers: { ...authorization, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
}
/** As a person with their own token. */
async function by(sub: string, method: string, path: string, body?: unknown, more: Sent = {}) {
  return send(method, path, { as: await at.good(sub), ...(body !== undefined && { body }), ...more })
}
async function list(sub: string, query = ''): Promise<Matches> {
  const answer = await by(sub, 'GET', `matches${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Matches
}
const ids = async (sub: string, query = '') => (await list(sub, query)).matches.map(({ id }) => id).sort()
const decide = (sub: string, id: string, yes: boolean) =>
  by(sub, 'PUT', `matches/decisions/${encodeURIComponent(id)}`, { yes })
const block = (sub: string, id: string) => by(sub, 'PUT', `matches/blocks/${encodeURIComponent(id)}`)
const run = () =>
  matchPeople(
    at.storage,
    createLog(() => {}, 'error'),
  )

interface Somebody {
  id: string
  tags?: string[]
  attributes?: object
  [more: string]: unknown
}
async function put(...people: Somebody[]): Promise<void> {
  const items = people.map((one) => ({ type: 'person', title: `Name of ${one.id}`, ...one }))
  const answer = await send('PUT', 'items', { as: server, body: { items } })
  expect(await answer.json()).toMatchObject({ rejected: [] })
}
/** Puts people who all take part. */
async function join(...people: (Somebody | string)[]): Promise<void> {
  const all = people.map((one) => (typeof one === 'string' ? { id: one } : one))
  await put(...all)
  for (const { id } of all) expect((await by(id, 'PUT', 'matches/me', { consent: true })).status).toBe(200)
}

describe('who may ask', () => {
  it('is a person with a token, for nobody else; a page without one is refused', async () => {
    await join('ann', 'bob')
    expect(await ids('ann')).toEqual(['bob'])
    expect(await problemOf(await send('GET', 'matches'))).toMatchObject({
      status: 403,
      code: 'token_missing',
    })
    for (const [method, path] of [
      ['GET', 'matches?userId=bob'],
      ['GET', 'matches/me?userId=bob'],
      ['PUT', 'matches/me?userId=bob'],
      ['PUT', 'matches/blocks/ann?userId=bob'],
      ['DELETE', 'matches/blocks/ann?userId=bob'],
      ['PUT', 'matches/decisions/ann?userId=bob'],
    ] as const)
      expect(
        await problemOf(
          await by('ann', method, path, method === 'PUT' ? { consent: true, yes: true } : undefined),
        ),
        path,
      ).toMatchObject({ status: 403, code: 'token_mismatch' })
    expect(await problemOf(await send('GET', 'matches?userId=bob', { as: 'x.y.z' }))).toMatchObject({
      status: 401,
      code: 'token_invalid',
    })
    expect(await problemOf(await send('PUT', 'matches/me', { body: { consent: true } }))).toMatchObject({
      code: 'token_missing',
    })
  })

  it('is a server whose key has the scope, for anybody of its project', async () => {
    await join('ann', 'bob')
    const scoped = (...scopes: string[]) => at.addKey(at.projectId, 'srv', { scopes })
    const [reads, writes, none] = [
      await scoped('matches:read'),
      await scoped('matches:write'),
      await scoped('items:read'),
    ]
    const body = { consent: true }
    expect((await send('GET', 'matches?userId=ann', { as: reads })).status).toBe(200)
    expect((await send('PUT', 'matches/me?userId=ann', { as: writes, body })).status).toBe(200)
    for (const [method, as] of [
      ['GET', writes],
      ['GET', none],
      ['PUT', reads],
      ['PUT', none],
    ] as const)
      expect(
        await problemOf(
          await send(method, 'matches/me?userId=ann', { as, ...(method === 'PUT' && { body }) }),
        ),
      ).toMatchObject({ status: 403, code: 'key_not_allowed' })
    expect(await problemOf(await send('GET', 'matches', { as: reads }))).toMatchObject({
      status: 400,
      detail: 'A server names the person: userId=ID.',
    })
    const foreign = await at.addKey(await at.addProject('Elsewhere'), 'srv')
    expect(await (await send('GET', 'matches?userId=ann', { as: foreign })).json()).toMatchObject({
      matches: [],
      reason: 'no_consent',
    })
  })

  it('learns by the preflight that it may send a token and JSON, and by Allow which methods there are', async () => {
    for (const [path, methods] of [
      ['matches', 'GET'],
      ['matches/me', 'GET, PUT'],
      ['matches/blocks/bob', 'PUT, DELETE'],
      ['matches/decisions/bob', 'PUT'],
    ] as const) {
      const asked = await send('OPTIONS', path, {
        headers: { origin: 'https://shop.example', 'access-control-request-method': 'PUT' },
      })
      expect(asked.headers.get('access-control-allow-methods')?.replaceAll(/, ?/g, ', '), path).toBe(methods)
      expect(asked.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type')
      expect(asked.headers.get('access-control-allow-credentials')).toBeNull()
      expect(await problemOf(await by('ann', 'PATCH', path))).toMatchObject({ code: 'method_not_allowed' })
    }
    await join('ann')
    const answer = await by('ann', 'GET', 'matches', undefined, {
      headers: { origin: 'https://shop.example' },
    })
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('vary')).toBe('Origin, Authorization')
  })
})

describe('what is not understood', () => {
  it.each([
    ['list=all', 'list must be'],
    ['limit=0', 'limit must be'],
    ['limit=51', 'limit must be'],
    ['limit=1e1', 'limit must be'],
    ...[
      '',
      'x',
      '0.5',
      '0.5|',
      'NaN|a',
      '-1|a',
      '1e99|a',
      '1e-99|a',
      '0.5|a%00b',
      '0.1e-46|a',
      'Infinity|a',
    ].map((after) => [`after=${after}`, 'after must be']),
  ])('is refused with a reason: %s', async (query, detail) => {
    expect(await problemOf(await by('ann', 'GET', `matches?${query}`))).toMatchObject({
      status: 400,
      code: 'match_malformed',
      detail: expect.stringContaining(detail!),
    })
  })

  it('is refused in a body, too, and changes nothing', async () => {
    await join('ann', 'bob')
    for (const body of [
      'null',
      '[]',
      '7',
      '{"consent":1}',
      '{"consent":"false"}',
      '{"__proto__":{"consent":true}}',
    ])
      expect(await problemOf(await by('ann', 'PUT', 'matches/me', body)), body).toMatchObject({
        code: 'match_malformed',
      })
    expect(await problemOf(await by('ann', 'PUT', 'matches/me', '{'))).toMatchObject({
      code: 'body_not_json',
    })
    expect(await problemOf(await by('ann', 'PUT', 'matches/decisions/bob', {}))).toMatchObject({
      code: 'match_malformed',
    })
    expect(await problemOf(await block('ann', 'x'.repeat(300)))).toMatchObject({ code: 'match_malformed' })
    expect(await (await by('ann', 'GET', 'matches/me')).json()).toEqual({ consent: true, blocked: [] })
  })

  it('is told as 503 while the database is away, without a word of why', async () => {
    const storage: Storage = {
      ...at.storage,
      async call<Result>(fn: string, args: object): Promise<Result> {
        if (fn.startsWith('match')) throw Object.assign(new Error('connection lost'), { code: '57P01' })
        return at.storage.call<Result>(fn, args)
      },
    }
    const on = createCollector({
      storage,
      use: everything(),
      groupCommitMs: 0,
      rateLimit: false,
      log: () => {},
      now: () => at.clock.now,
    })
    for (const answer of [
      await by('ann', 'GET', 'matches', undefined, { on }),
      await by('ann', 'PUT', 'matches/me', { consent: true }, { on }),
    ]) {
      expect(answer.headers.get('retry-after')).not.toBeNull()
      const problem = await problemOf(answer)
      expect(problem).toMatchObject({ status: 503, code: 'storage_unavailable' })
      expect(JSON.stringify(problem)).not.toContain('connection lost')
    }
    await on.close()
  })
})

describe('pages', () => {
  it('show everybody once, by ids of any form', async () => {
    const names = [
      'ann',
      'a|b',
      '0.5|x',
      'a/b',
      '김민지',
      'x y',
      "o'neil",
      '__proto__',
      ...Array.from({ length: 9 }, (_, n) => `p${n}`),
    ]
    await join(...names.map((id, n) => ({ id, tags: [`t${n % 2}`] })))
    for (const matched of [false, true]) {
      if (matched) expect(await run()).toBe(true)
      const seen: string[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: Matches = await list('ann', `?limit=4${after && `&after=${encodeURIComponent(after)}`}`)
        seen.push(...page.matches.map(({ id }) => id))
        after = page.next
      }
      expect(seen.toSorted()).toEqual(names.filter((id) => id !== 'ann').toSorted())
    }
    for (const id of names.slice(1))
      expect(await (await decide('ann', id, true)).json(), id).toMatchObject({ mutual: false })
    for (const id of names.slice(1)) await block('ann', id)
    const standing = (await (await by('ann', 'GET', 'matches/me')).json()) as MatchStanding
    expect(standing.blocked.toSorted()).toEqual(names.slice(1).toSorted())
    expect((await by('ann', 'DELETE', `matches/blocks/${encodeURIComponent('a/b')}`)).status).toBe(200)
    expect(await ids('ann')).toEqual(['a/b'])
  })
})

describe('nobody finds out', () => {
  it('who takes part but is not for them, nor anybody who does not take part', async () => {
    await join('ann', 'bob', { id: 'choosy', attributes: { wants: { town: 'Seoul' } } })
    await put({ id: 'shy' }, { id: 'gone', available: false })
    expect(await ids('ann')).toEqual(['bob'])
    const answers = await Promise.all(
      ['shy', 'gone', 'choosy', 'nobody', 'ann'].map(async (id) => problemOf(await decide('ann', id, true))),
    )
    for (const { status, code, detail } of answers)
      expect({ status, code, detail }).toEqual({
        status: 404,
        code: 'match_not_found',
        detail: 'There is nobody of this id who could be decided about just now.',
      })
    for (const id of ['shy', 'choosy', 'nobody'])
      expect(await (await block('ann', id)).json(), 'blocking tells nothing').toMatchObject({ consent: true })
    await by('ann', 'PUT', 'matches/me', { consent: false })
    expect(await problemOf(await decide('ann', 'bob', true))).toMatchObject({ code: 'match_not_found' })
    expect(await list('ann')).toMatchObject({ matches: [], reason: 'no_consent', next: null })
  })

  it('what somebody keeps private or looks for, also right after they decided to, and where it is broken', async () => {
    const secret = { income: 90_000, faith: 'quiet', town: 'Jeju', wants: { faith: 'quiet' } }
    await join(
      { id: 'ann', attributes: { faith: 'quiet', income: 90_000, town: 'Jeju' } },
      { id: 'bob', attributes: secret },
    )
    await run()
    expect((await list('ann')).matches[0]).toMatchObject({ attributes: { income: 90_000 } })
    for (const [hidden, shown] of [
      [['income', 'faith'], { town: 'Jeju' }],
      ['town', { income: 90_000, faith: 'quiet' }],
      [{ income: true }, {}],
    ] as const) {
      await put({ id: 'bob', attributes: { ...secret, private: hidden } })
      for (const matched of [false, true]) {
        if (matched) await run()
        const { matches } = await list('ann')
        expect(matches.map(({ attributes }) => attributes)).toEqual([shown])
        const told = JSON.stringify(matches)
        for (const name of ['income', 'faith', 'town'].filter((one) => !(one in shown)))
          expect(told, `${name}, ${matched ? 'matched' : 'not yet matched'}`).not.toContain(name)
        expect(told).not.toMatch(/wants|private/)
      }
    }
  })

  it('who said yes before both did: not by a score, nor a reason, nor an answer', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `p${n}`)
    await join(...names.map((id, n) => ({ id, tags: [`t${n % 3}`], attributes: { age: 30 + n } })))
    await decide('p3', 'p4', true)
    await decide('p4', 'p3', true)
    await decide('p5', 'p6', false)
    await run()
    // Whom exposure moves to the front is told apart: it moves with whatever anybody decides.
    const told = async () => (await list('p0', '?limit=50')).matches
    const before = await told()
    for (const one of ['p1', 'p2']) await decide(one, 'p0', true)
    await at.rows('delete from nunchi.match_runs')
    await run()
    const after = await told()
    const front = new Set([...before.slice(0, 3), ...after.slice(0, 3)].map(({ id }) => id))
    const behind = (matches: Matches['matches']) =>
      Object.fromEntries(matches.filter(({ id }) => !front.has(id)).map((one) => [one.id, one]))
    expect(behind(after)).toEqual(behind(before))
    expect(after.map(({ id }) => id).toSorted()).toEqual(names.slice(1).toSorted())
    expect(await ids('p0', '?list=mutual')).toEqual([])
    expect(await (await decide('p0', 'p1', true)).json()).toMatchObject({ mutual: true })
    expect(await ids('p0', '?list=mutual')).toEqual(['p1'])
  })

  it('that their yes was answered by a no, a block, or a goodbye', async () => {
    await join('ann', 'no', 'blocks', 'leaves', 'deleted')
    for (const id of ['no', 'blocks', 'leaves', 'deleted']) await decide('ann', id, true)
    for (const id of ['blocks', 'leaves', 'deleted']) await decide(id, 'ann', true)
    await decide('no', 'ann', false)
    await block('blocks', 'ann')
    await by('leaves', 'PUT', 'matches/me', { consent: false })
    await send('DELETE', 'items', { as: server, body: { ids: ['deleted'] } })
    for (const id of ['no', 'blocks', 'leaves', 'deleted'])
      expect(await (await decide('ann', id, true)).json(), id).toEqual({
        mutual: false,
        consent: true,
        blocked: [],
      })
    expect(await ids('ann', '?list=mutual')).toEqual([])
    expect(await ids('ann')).toEqual([])
  })

  it('of people by recommendations, catalogs or events: they are no items to anybody else', async () => {
    await put({ id: 'ann', url: 'https://club.example/ann', tags: ['clay'] })
    const pot = { id: 'pot', type: 'tea', title: 'Pot', tags: ['clay'] }
    await send('PUT', 'items', {
      as: server,
      body: { items: [pot, { ...pot, id: 'ex' }, { ...pot, id: 'cup' }] },
    })
    // Somebody whose id was a thing's.
    await put({ id: 'ex', tags: ['clay'] })
    const viewed = ['ann', 'pot', 'ex'].map((itemId) =>
      someEvent({ id: newId(), name: 'Product Viewed', anonymousId: 'v1', properties: { itemId } }),
    )
    await at.collector.fetch(eventsRequest(at.key, someBatch(viewed)))
    while ((await at.owner.call<{ more: boolean }>('process', {})).more);
    while ((await at.owner.call<{ more: boolean }>('refresh_recommendations', {})).more);
    await at.owner.call('set_recommendation_settings_of', {
      projectId: at.projectId,
      environment: 'production',
      definition: { rules: [{ pin: ['ann'] }] },
      actor: 'test',
    })
    for (const query of [
      'anonymousId=v1',
      'anonymousId=v1&seen=1',
      'anonymousId=v2&list=trending',
      'anonymousId=v2&list=similar&context=item:ann',
      'anonymousId=v2&list=similar&context=item:pot',
      'anonymousId=v2&list=contextual&context=cart:ann,ex',
      `anonymousId=v2&list=contextual&context=page:${encodeURIComponent('https://club.example/ann')}`,
    ]) {
      const answer = await send('GET', `recommendations?${query}`)
      expect(answer.status, query).toBe(200)
      const text = JSON.stringify((await answer.json()) as Recommendations)
      expect(text, query).not.toMatch(/"ann"|"ex"|Name of|person/)
    }
    expect(await problemOf(await send('GET', 'recommendations?anonymousId=v1&type=person'))).toMatchObject({
      code: 'recommendations_type_unknown',
      detail: expect.not.stringContaining('known are person'),
    })
    expect(await problemOf(await send('GET', 'items?type=person'))).toMatchObject({ status: 403 })
    for (const table of [
      'item_features',
      'item_neighbors',
      'item_popularity',
      'interactions',
      'item_changes',
    ])
      expect(await at.rows(`select 1 from nunchi.${table} where item in ('ann', 'ex')`), table).toEqual([])
  })
})

describe('a block', () => {
  it('holds against whatever the other does, also against those who stood in the lists already', async () => {
    await join('ann', 'bob')
    await run()
    await decide('bob', 'ann', true)
    await decide('ann', 'bob', true)
    await block('ann', 'bob')
    const evasions = [
      () => put({ id: 'bob', title: 'Robert', tags: ['new'] }),
      () => by('bob', 'PUT', 'matches/me', { consent: false }),
      () => by('bob', 'PUT', 'matches/me', { consent: true }),
      () => by('bob', 'DELETE', 'matches/blocks/ann'),
      () => decide('bob', 'ann', false),
      () => decide('bob', 'ann', true),
      run,
    ]
    for (const evade of evasions) {
      await evade()
      for (const one of ['ann', 'bob'])
        for (const query of ['', '?list=mutual']) expect(await ids(one, query)).toEqual([])
    }
  })

  it('beyond the most that there can be is refused aloud, not forgotten', async () => {
    await join('ann')
    await at.rows(
      `insert into nunchi.match_blocks select id, 'production', 'ann', 'b' || n, now() from nunchi.projects p, generate_series(1, 10000) n where p.id = $1`,
      [at.projectId],
    )
    expect(await problemOf(await block('ann', 'one more'))).toMatchObject({
      status: 409,
      code: 'match_blocks_full',
    })
    expect((await block('ann', 'b7')).status).toBe(200)
  })
})

describe('a broken profile', () => {
  it('keeps nobody from their list, and its owner from nothing but matches', async () => {
    const odd = [
      null,
      5,
      'x',
      [],
      [1],
      { $and: 5 },
      { $not: 'x' },
      { $or: [3] },
      { age: [] },
      { $where: 'x' },
      { age: { $gt: {} } },
    ]
    await join('ann', 'bob', ...odd.map((wants, n) => ({ id: `odd${n}`, attributes: { wants, age: 3 } })))
    for (const matched of [false, true]) {
      if (matched) expect(await run()).toBe(true)
      expect(await ids('ann')).toEqual(['bob'])
      for (const n of odd.keys()) expect(await ids(`odd${n}`), JSON.stringify(odd[n])).toEqual([])
    }
  })
})

describe('insights', () => {
  const collector = (insights: Parameters<TokenGrounds['another']>[0] & object) =>
    at.another({ ...insights, fetch: mock.fetch, now: () => at.clock.now })
  const two = () =>
    join(
      {
        id: 'ann',
        tags: ['tea'],
        attributes: { interests: ['walking', 'jazz'], age: 61, income: 7, private: ['income'] },
      },
      { id: 'bob', tags: ['tea'], attributes: { interests: ['jazz'], age: 62, income: 7 } },
      'cho',
    )

  it('come with the list where they are asked for, in the language that is asked for; and not where they are off', async () => {
    await two()
    const on = collector({ insights: {} })
    const ask = async (query: string, where = on) =>
      ((await (await by('ann', 'GET', `matches${query}`, undefined, { on: where })).json()) as Matches)
        .matches
    const english = (await ask('?insights=1')).find(({ id }) => id === 'bob')!.aiInsights!
    expect(english).toMatchObject({
      source: 'template',
      language: 'en',
      reasons: expect.arrayContaining([expect.stringContaining('jazz')]),
    })
    expect(english.starters).toHaveLength(3)
    expect(JSON.stringify(english)).not.toMatch(/income|Name of|ann|bob/)
    const korean = (await ask('?insights=1&language=ko')).find(({ id }) => id === 'bob')!.aiInsights!
    expect(korean).toMatchObject({
      source: 'template',
      language: 'ko',
      compatibility: expect.stringMatching(/[가-힣]/),
    })
    for (const match of [...(await ask('')), ...(await ask('?insights=1', at.collector))])
      expect(match).not.toHaveProperty('aiInsights')
    const model = collector({ insights: { model: mock.model() } })
    expect((await ask('?insights=1&limit=1', model))[0]!.aiInsights).toMatchObject({
      ...goodAnswer,
      source: 'model',
    })
    expect(mock.heard.map(({ body }) => body.messages[1]!.content).join()).not.toMatch(
      /ann|bob|income|Name of/,
    )
  })

  it('are answered for one match alone, to those two who are shown to each other', async () => {
    await two()
    const on = collector({ insights: {} })
    const ask = (sub: string, id: string) => by(sub, 'GET', `insights/match/${id}`, undefined, { on })
    expect(await (await ask('ann', 'bob')).json()).toMatchObject({ source: 'template' })
    await block('bob', 'ann')
    await put({ id: 'shy' })
    for (const [sub, id] of [
      ['ann', 'bob'],
      ['bob', 'ann'],
      ['ann', 'ann'],
      ['ann', 'shy'],
      ['shy', 'cho'],
      ['ann', 'nobody'],
    ] as const)
      expect(await problemOf(await ask(sub, id)), `${sub} ${id}`).toMatchObject({
        status: 404,
        code: 'insight_not_found',
      })
    const as = await at.addKey(at.projectId, 'srv', { scopes: ['insights:read'] })
    expect((await send('GET', 'insights/match/cho?userId=ann', { as, on })).status).toBe(200)
    expect((await send('GET', 'insights/match/cho', { as, on })).status).toBe(404)
  })
})

describe('a person who is erased', () => {
  it('security 67, 68: leaves nothing behind in matching, and is shown what is theirs alone', async () => {
    await join('ann', { id: 'bob-unlike-any', attributes: { town: 'Jeju' } }, 'cho')
    const bob = 'bob-unlike-any'
    await decide(bob, 'cho', true)
    await decide('ann', bob, true)
    await decide('cho', bob, false)
    await block('cho', bob)
    await block(bob, 'gone')
    await run()
    const rows = async (table: string) =>
      (
        await at.owner.call<{ rows: object[] }>('export_person', {
          projectId: at.projectId,
          ids: [bob],
          table,
        })
      ).rows
    expect(await rows('items')).toMatchObject([{ attributes: { town: 'Jeju' } }])
    expect(await rows('match_decisions')).toMatchObject([{ user_id: bob, other_id: 'cho' }])
    expect(await rows('match_blocks')).toMatchObject([{ blocked_id: 'gone' }])
    expect(await rows('match_consents')).toHaveLength(1)
    for (let done = false; !done; )
      ({ done } = await at.owner.call<{ done: boolean }>('erase_person', {
        projectId: at.projectId,
        id: bob,
        actor: 'test',
      }))
    const tables = await at.rows<{ name: string }>(
      `select c.relname::text as name from pg_class c where c.relnamespace = 'nunchi'::regnamespace
        and c.relkind in ('r', 'p') and not c.relispartition`,
    )
    for (const { name } of tables)
      expect(
        await at.rows(`select t from nunchi.${name} t where strpos(to_jsonb(t)::text, $1) > 0`, [bob]),
        name,
      ).toEqual([])
    expect(await ids('ann')).toEqual(['cho'])
  })

  it('or whose profile is deleted, is in no list and leaves no profile', async () => {
    await join('ann', 'bob')
    await run()
    await send('DELETE', 'items', { as: server, body: { ids: ['bob'] } })
    expect(await ids('ann')).toEqual([])
    expect(await at.rows(`select 1 from nunchi.items where id = 'bob'`)).toEqual([])
    expect(await list('bob')).toMatchObject({ reason: 'no_profile' })
  })
})
