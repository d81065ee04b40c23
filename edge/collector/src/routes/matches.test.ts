/** `/v1/matches` over HTTP: who may ask and tell what, in pages and in words. */
import type { Matches, MatchStanding } from '@nunchi/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goodAnswer, type MockModel, mockModel } from '../../test/insights/mock-model.ts'
import { type MatchGrounds, matchGrounds } from '../../test/match-grounds.ts'
import { problemOf } from '../../test/rig.ts'
import { createCollector, everything, type Storage } from '../index.ts'

let at: MatchGrounds
let mock: MockModel
beforeAll(async () => {
  at = await matchGrounds()
  mock = await mockModel()
}, 60_000)
afterAll(async () => {
  await mock.close()
  await at.close()
})
beforeEach(() => at.clear())

describe('who may ask', () => {
  it('is a person with a token, for nobody else; a page without one is refused', async () => {
    await at.join('ann', 'bob')
    expect(await at.ids('ann')).toEqual(['bob'])
    expect(await problemOf(await at.send('GET', 'matches'))).toMatchObject({
      status: 403,
      code: 'token_missing',
      // Not "ask with the anonymousId", which helps elsewhere.
      fix: expect.stringMatching(/^Send the visitor’s token/),
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
          await at.by('ann', method, path, method === 'PUT' ? { consent: true, yes: true } : undefined),
        ),
        path,
      ).toMatchObject({ status: 403, code: 'token_mismatch' })
    expect(await problemOf(await at.send('GET', 'matches?userId=bob', { as: 'x.y.z' }))).toMatchObject({
      status: 401,
      code: 'token_invalid',
    })
    expect(await problemOf(await at.send('PUT', 'matches/me', { body: { consent: true } }))).toMatchObject({
      code: 'token_missing',
    })
  })

  it('is a server whose key has the scope, for anybody of its project', async () => {
    await at.join('ann', 'bob')
    const scoped = (...scopes: string[]) => at.addKey(at.projectId, 'srv', { scopes })
    const [reads, writes, none] = [
      await scoped('matches:read'),
      await scoped('matches:write'),
      await scoped('items:read'),
    ]
    const body = { consent: true }
    expect((await at.send('GET', 'matches?userId=ann', { as: reads })).status).toBe(200)
    expect((await at.send('PUT', 'matches/me?userId=ann', { as: writes, body })).status).toBe(200)
    for (const [method, as] of [
      ['GET', writes],
      ['GET', none],
      ['PUT', reads],
      ['PUT', none],
    ] as const)
      expect(
        await problemOf(
          await at.send(method, 'matches/me?userId=ann', { as, ...(method === 'PUT' && { body }) }),
        ),
      ).toMatchObject({ status: 403, code: 'key_not_allowed' })
    expect(await problemOf(await at.send('GET', 'matches', { as: reads }))).toMatchObject({
      status: 400,
      detail: 'A server names the person: userId=ID.',
    })
    const foreign = await at.addKey(await at.addProject('Elsewhere'), 'srv')
    expect(await (await at.send('GET', 'matches?userId=ann', { as: foreign })).json()).toMatchObject({
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
      const asked = await at.send('OPTIONS', path, {
        headers: { origin: 'https://shop.example', 'access-control-request-method': 'PUT' },
      })
      expect(asked.headers.get('access-control-allow-methods')?.replaceAll(/, ?/g, ', '), path).toBe(methods)
      expect(asked.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type')
      expect(asked.headers.get('access-control-allow-credentials')).toBeNull()
      expect(await problemOf(await at.by('ann', 'PATCH', path))).toMatchObject({ code: 'method_not_allowed' })
    }
    await at.join('ann')
    const answer = await at.by('ann', 'GET', 'matches', undefined, {
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
    expect(await problemOf(await at.by('ann', 'GET', `matches?${query}`))).toMatchObject({
      status: 400,
      code: 'match_malformed',
      detail: expect.stringContaining(detail!),
    })
  })

  it('is refused in a body, too, and changes nothing', async () => {
    await at.join('ann', 'bob')
    for (const body of [
      'null',
      '[]',
      '7',
      '{"consent":1}',
      '{"consent":"false"}',
      '{"__proto__":{"consent":true}}',
    ])
      expect(await problemOf(await at.by('ann', 'PUT', 'matches/me', body)), body).toMatchObject({
        code: 'match_malformed',
      })
    expect(await problemOf(await at.by('ann', 'PUT', 'matches/me', '{'))).toMatchObject({
      code: 'body_not_json',
    })
    expect(await problemOf(await at.by('ann', 'PUT', 'matches/decisions/bob', {}))).toMatchObject({
      code: 'match_malformed',
    })
    expect(await problemOf(await at.block('ann', 'x'.repeat(300)))).toMatchObject({ code: 'match_malformed' })
    expect(await (await at.by('ann', 'GET', 'matches/me')).json()).toEqual({ consent: true, blocked: [] })
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
      await at.by('ann', 'GET', 'matches', undefined, { on }),
      await at.by('ann', 'PUT', 'matches/me', { consent: true }, { on }),
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
    await at.join(...names.map((id, n) => ({ id, tags: [`t${n % 2}`] })))
    for (const matched of [false, true]) {
      if (matched) expect(await at.run()).toBe(true)
      const seen: string[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: Matches = await at.list(
          'ann',
          `?limit=4${after && `&after=${encodeURIComponent(after)}`}`,
        )
        seen.push(...page.matches.map(({ id }) => id))
        after = page.next
      }
      expect(seen.toSorted()).toEqual(names.filter((id) => id !== 'ann').toSorted())
    }
    for (const id of names.slice(1))
      expect(await (await at.decide('ann', id, true)).json(), id).toMatchObject({ mutual: false })
    for (const id of names.slice(1)) await at.block('ann', id)
    const standing = (await (await at.by('ann', 'GET', 'matches/me')).json()) as MatchStanding
    expect(standing.blocked.toSorted()).toEqual(names.slice(1).toSorted())
    expect((await at.by('ann', 'DELETE', `matches/blocks/${encodeURIComponent('a/b')}`)).status).toBe(200)
    expect(await at.ids('ann')).toEqual(['a/b'])
  })
})

describe('insights', () => {
  const collector = (insights: Parameters<MatchGrounds['another']>[0] & object) =>
    at.another({ ...insights, fetch: mock.fetch, now: () => at.clock.now })
  const two = () =>
    at.join(
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
      ((await (await at.by('ann', 'GET', `matches${query}`, undefined, { on: where })).json()) as Matches)
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
    const ask = (sub: string, id: string) => at.by(sub, 'GET', `insights/match/${id}`, undefined, { on })
    expect(await (await ask('ann', 'bob')).json()).toMatchObject({ source: 'template' })
    await at.block('bob', 'ann')
    await at.put({ id: 'shy' })
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
    expect((await at.send('GET', 'insights/match/cho?userId=ann', { as, on })).status).toBe(200)
    expect((await at.send('GET', 'insights/match/cho', { as, on })).status).toBe(404)
  })
})
