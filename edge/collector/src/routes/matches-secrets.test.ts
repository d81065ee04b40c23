/** `/v1/matches` against people who want to find out more than they are shown, and what is left of who goes. */
import type { Matches, Recommendations } from '@nunchi/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MatchGrounds, matchGrounds } from '../../test/match-grounds.ts'
import { newId, problemOf, someBatch, someEvent } from '../../test/rig.ts'
import { eventsRequest } from '../../test/security/river.ts'

let at: MatchGrounds
beforeAll(async () => {
  at = await matchGrounds()
}, 60_000)
afterAll(() => at.close())
beforeEach(() => at.clear())

describe('nobody finds out', () => {
  it('who takes part but is not for them, nor anybody who does not take part', async () => {
    await at.join('ann', 'bob', { id: 'choosy', attributes: { wants: { town: 'Seoul' } } })
    await at.put({ id: 'shy' }, { id: 'gone', available: false })
    expect(await at.ids('ann')).toEqual(['bob'])
    const answers = await Promise.all(
      ['shy', 'gone', 'choosy', 'nobody', 'ann'].map(async (id) =>
        problemOf(await at.decide('ann', id, true)),
      ),
    )
    for (const { status, code, detail } of answers)
      expect({ status, code, detail }).toEqual({
        status: 404,
        code: 'match_not_found',
        detail: 'There is nobody of this id who could be decided about just now.',
      })
    for (const id of ['shy', 'choosy', 'nobody'])
      expect(await (await at.block('ann', id)).json(), 'blocking tells nothing').toMatchObject({
        consent: true,
      })
    await at.by('ann', 'PUT', 'matches/me', { consent: false })
    expect(await problemOf(await at.decide('ann', 'bob', true))).toMatchObject({ code: 'match_not_found' })
    expect(await at.list('ann')).toMatchObject({ matches: [], reason: 'no_consent', next: null })
  })

  it('what somebody keeps private or looks for, also right after they decided to, and where it is broken', async () => {
    const secret = { income: 90_000, faith: 'quiet', town: 'Jeju', wants: { faith: 'quiet' } }
    await at.join(
      { id: 'ann', attributes: { faith: 'quiet', income: 90_000, town: 'Jeju' } },
      { id: 'bob', attributes: secret },
    )
    await at.run()
    expect((await at.list('ann')).matches[0]).toMatchObject({ attributes: { income: 90_000 } })
    for (const [hidden, shown] of [
      [['income', 'faith'], { town: 'Jeju' }],
      ['town', { income: 90_000, faith: 'quiet' }],
      [{ income: true }, {}],
    ] as const) {
      await at.put({ id: 'bob', attributes: { ...secret, private: hidden } })
      for (const matched of [false, true]) {
        if (matched) await at.run()
        const { matches } = await at.list('ann')
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
    await at.join(...names.map((id, n) => ({ id, tags: [`t${n % 3}`], attributes: { age: 30 + n } })))
    await at.decide('p3', 'p4', true)
    await at.decide('p4', 'p3', true)
    await at.decide('p5', 'p6', false)
    await at.run()
    // Whom exposure moves to the front is told apart: it moves with whatever anybody decides.
    const told = async () => (await at.list('p0', '?limit=50')).matches
    const before = await told()
    for (const one of ['p1', 'p2']) await at.decide(one, 'p0', true)
    await at.rows('delete from nunchi.match_runs')
    await at.run()
    const after = await told()
    const front = new Set([...before.slice(0, 3), ...after.slice(0, 3)].map(({ id }) => id))
    const behind = (matches: Matches['matches']) =>
      Object.fromEntries(matches.filter(({ id }) => !front.has(id)).map((one) => [one.id, one]))
    expect(behind(after)).toEqual(behind(before))
    expect(after.map(({ id }) => id).toSorted()).toEqual(names.slice(1).toSorted())
    expect(await at.ids('p0', '?list=mutual')).toEqual([])
    expect(await (await at.decide('p0', 'p1', true)).json()).toMatchObject({ mutual: true })
    expect(await at.ids('p0', '?list=mutual')).toEqual(['p1'])
  })

  it('that their yes was answered by a no, a block, or a goodbye', async () => {
    await at.join('ann', 'no', 'blocks', 'leaves', 'deleted')
    for (const id of ['no', 'blocks', 'leaves', 'deleted']) await at.decide('ann', id, true)
    for (const id of ['blocks', 'leaves', 'deleted']) await at.decide(id, 'ann', true)
    await at.decide('no', 'ann', false)
    await at.block('blocks', 'ann')
    await at.by('leaves', 'PUT', 'matches/me', { consent: false })
    await at.send('DELETE', 'items', { as: at.server, body: { ids: ['deleted'] } })
    for (const id of ['no', 'blocks', 'leaves', 'deleted'])
      expect(await (await at.decide('ann', id, true)).json(), id).toEqual({
        mutual: false,
        consent: true,
        blocked: [],
      })
    expect(await at.ids('ann', '?list=mutual')).toEqual([])
    expect(await at.ids('ann')).toEqual([])
  })

  it('of people by recommendations, catalogs or events: they are no items to anybody else', async () => {
    await at.put({ id: 'ann', url: 'https://club.example/ann', tags: ['clay'] })
    const pot = { id: 'pot', type: 'tea', title: 'Pot', tags: ['clay'] }
    await at.send('PUT', 'items', {
      as: at.server,
      body: { items: [pot, { ...pot, id: 'ex' }, { ...pot, id: 'cup' }] },
    })
    // Somebody whose id was a thing's.
    await at.put({ id: 'ex', tags: ['clay'] })
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
      const answer = await at.send('GET', `recommendations?${query}`)
      expect(answer.status, query).toBe(200)
      const text = JSON.stringify((await answer.json()) as Recommendations)
      expect(text, query).not.toMatch(/"ann"|"ex"|Name of|person/)
    }
    expect(await problemOf(await at.send('GET', 'recommendations?anonymousId=v1&type=person'))).toMatchObject(
      {
        code: 'recommendations_type_unknown',
        detail: expect.not.stringContaining('known are person'),
      },
    )
    expect(await problemOf(await at.send('GET', 'items?type=person'))).toMatchObject({ status: 403 })
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
    await at.join('ann', 'bob')
    await at.run()
    await at.decide('bob', 'ann', true)
    await at.decide('ann', 'bob', true)
    await at.block('ann', 'bob')
    const evasions = [
      () => at.put({ id: 'bob', title: 'Robert', tags: ['new'] }),
      () => at.by('bob', 'PUT', 'matches/me', { consent: false }),
      () => at.by('bob', 'PUT', 'matches/me', { consent: true }),
      () => at.by('bob', 'DELETE', 'matches/blocks/ann'),
      () => at.decide('bob', 'ann', false),
      () => at.decide('bob', 'ann', true),
      () => at.run(),
    ]
    for (const evade of evasions) {
      await evade()
      for (const one of ['ann', 'bob'])
        for (const query of ['', '?list=mutual']) expect(await at.ids(one, query)).toEqual([])
    }
  })

  it('beyond the most that there can be is refused aloud, not forgotten', async () => {
    await at.join('ann')
    await at.rows(
      `insert into nunchi.match_blocks select id, 'production', 'ann', 'b' || n, now() from nunchi.projects p, generate_series(1, 10000) n where p.id = $1`,
      [at.projectId],
    )
    expect(await problemOf(await at.block('ann', 'one more'))).toMatchObject({
      status: 409,
      code: 'match_blocks_full',
    })
    expect((await at.block('ann', 'b7')).status).toBe(200)
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
    await at.join('ann', 'bob', ...odd.map((wants, n) => ({ id: `odd${n}`, attributes: { wants, age: 3 } })))
    for (const matched of [false, true]) {
      if (matched) expect(await at.run()).toBe(true)
      expect(await at.ids('ann')).toEqual(['bob'])
      for (const n of odd.keys()) expect(await at.ids(`odd${n}`), JSON.stringify(odd[n])).toEqual([])
    }
  })
})

describe('a person who is erased', () => {
  it('security 67, 68: leaves nothing behind in matching, and is shown what is theirs alone', async () => {
    await at.join('ann', { id: 'bob-unlike-any', attributes: { town: 'Jeju' } }, 'cho')
    const bob = 'bob-unlike-any'
    await at.decide(bob, 'cho', true)
    await at.decide('ann', bob, true)
    await at.decide('cho', bob, false)
    await at.block('cho', bob)
    await at.block(bob, 'gone')
    await at.run()
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
    expect(await at.ids('ann')).toEqual(['cho'])
  })

  it('or whose profile is deleted, is in no list and leaves no profile', async () => {
    await at.join('ann', 'bob')
    await at.run()
    await at.send('DELETE', 'items', { as: at.server, body: { ids: ['bob'] } })
    expect(await at.ids('ann')).toEqual([])
    expect(await at.rows(`select 1 from nunchi.items where id = 'bob'`)).toEqual([])
    expect(await at.list('bob')).toMatchObject({ reason: 'no_profile' })
  })
})
