/** Matching in SQL and by its job: whom somebody is shown, and above all whom not. */
import type { Matches, MatchStanding } from '@nunchi/protocol'
import { expect, it } from 'vitest'
import { addSender, type Sender } from '../../test/processing.ts'
import { describeGrounds } from '../../test/processing-grounds.ts'
import { matchPeople } from '../jobs/match.ts'
import { createLog, type LogLevel } from '../log.ts'

const quiet = createLog(() => {}, 'error' as LogLevel)

describeGrounds('matching', (ground, rows) => {
  const ask = ({ keyHash }: Sender, userId: string, more: object = {}) =>
    ground.app.call<Matches>('match', { keyHash, userId, ...more })
  const ids = async (club: Sender, userId: string, more: object = {}) =>
    (await ask(club, userId, more)).matches.map(({ id }) => id)
  const tell = ({ keyHash }: Sender, userId: string, said: object) =>
    ground.app.call<MatchStanding>('match_tell', { keyHash, userId, ...said })
  const put = ({ keyHash }: Sender, people: object[]) =>
    ground.app.call('set_items', {
      keyHash,
      items: people.map((one) => ({ type: 'person', title: 'Somebody', ...one })),
    })

  /** A club whose members all take part. */
  async function club(people: { id: string; [more: string]: unknown }[]): Promise<Sender> {
    const sender = await addSender(ground)
    await put(sender, people)
    for (const { id } of people) await tell(sender, id, { consent: true })
    return sender
  }
  const members = (names: string[], more: object = {}) => names.map((id) => ({ id, ...more }))

  it('shows people to each other only by the leave of both, and to nobody who has no profile', async () => {
    const sender = await club(members(['ann', 'bob', 'cho']))
    expect((await ids(sender, 'ann')).sort()).toEqual(['bob', 'cho'])
    await tell(sender, 'bob', { consent: false })
    expect(await ids(sender, 'ann')).toEqual(['cho'])
    expect(await ask(sender, 'bob')).toMatchObject({ matches: [], reason: 'no_consent' })
    await tell(sender, 'dan', { consent: true })
    expect(await ask(sender, 'dan')).toMatchObject({ matches: [], reason: 'no_profile' })
    expect(await ids(sender, 'ann')).toEqual(['cho'])
    await ground.app.call('delete_items', { keyHash: sender.keyHash, ids: ['cho'] })
    expect(await ask(sender, 'ann')).toMatchObject({ matches: [], reason: 'nobody', next: null })
  })

  it('asks both sides what they look for, and keeps that to itself', async () => {
    const sender = await club([
      { id: 'reader', attributes: { age: 70, wants: { age: { $gte: 60 } } } },
      { id: 'young', attributes: { age: 30 } },
      { id: 'old', attributes: { age: 65, income: 5, private: ['income'] } },
      { id: 'choosy', attributes: { age: 66, wants: { age: { $lt: 40 } } } },
      { id: 'odd', attributes: { age: 67, wants: { age: { $regex: '.' } } } },
    ])
    const { matches } = await ask(sender, 'reader')
    expect(matches.map(({ id }) => id)).toEqual(['old'])
    expect(matches[0]!.attributes).toEqual({ age: 65 })
    expect(await matchPeople(ground.app, quiet)).toBe(true)
    const again = (await ask(sender, 'reader')).matches
    expect(again.map(({ id }) => id)).toEqual(['old'])
    expect(again[0]!.reasons.you).toContainEqual({ code: 'wanted', about: 'age' })
    expect(JSON.stringify(again)).not.toMatch(/income|wants/)
  })

  it('shows nobody to whom they blocked, nor who blocked them, until it is taken back', async () => {
    const sender = await club(members(['ann', 'bob']))
    expect(await tell(sender, 'ann', { block: 'bob' })).toEqual({ consent: true, blocked: ['bob'] })
    await matchPeople(ground.app, quiet)
    expect(await ids(sender, 'ann')).toEqual([])
    expect(await ids(sender, 'bob')).toEqual([])
    expect(await tell(sender, 'bob', { decide: { id: 'ann', yes: true } })).toEqual({
      error: 'match_not_found',
    })
    await tell(sender, 'ann', { unblock: 'bob' })
    expect(await ids(sender, 'bob')).toEqual(['ann'])
  })

  it('learns what both decided: a no takes them apart, two yeses bring them together', async () => {
    const sender = await club(members(['ann', 'bob', 'cho', 'dan']))
    const decide = (one: string, id: string, yes: boolean) => tell(sender, one, { decide: { id, yes } })
    expect(await decide('ann', 'bob', true)).toMatchObject({ mutual: false })
    expect(await decide('bob', 'ann', true)).toMatchObject({ mutual: true })
    await decide('cho', 'ann', false)
    expect(await ids(sender, 'ann')).toEqual(['dan'])
    expect(await ask(sender, 'ann', { list: 'mutual' })).toMatchObject({
      matches: [{ id: 'bob', mutual: true }],
    })
    // Who said yes is told to nobody before the other did.
    expect((await ids(sender, 'dan')).sort()).toEqual(['ann', 'bob', 'cho'])
    for (const [one, id] of [
      ['ann', 'ann'],
      ['ann', 'nobody'],
      ['stranger', 'ann'],
    ] as const)
      expect(await decide(one, id, true)).toEqual({ error: 'match_not_found' })
  })

  it('pages through everybody once, whatever the order', async () => {
    const names = Array.from({ length: 23 }, (_, n) => `p${n}`)
    const sender = await club(
      names.map((id, n) => ({ id, tags: [`t${n % 3}`], attributes: { age: 20 + n } })),
    )
    for (const matched of [false, true]) {
      if (matched) await matchPeople(ground.app, quiet)
      const seen: string[] = []
      let after: string | null = null
      do {
        const page: Matches = await ask(sender, 'p0', { limit: 5, ...(after !== null && { after }) })
        seen.push(...page.matches.map(({ id }) => id))
        after = page.next
      } while (after !== null)
      expect(seen.toSorted()).toEqual(names.slice(1).toSorted())
    }
  })

  it('runs only where something changed, and takes away what is over', async () => {
    const sender = await club(members(['ann', 'bob']))
    const runs = () =>
      rows(sender.projectId, 'select generation from nunchi.match_runs where project_id = $p')
    await matchPeople(ground.app, quiet)
    const first = await runs()
    await matchPeople(ground.app, quiet)
    expect(await runs()).toEqual(first)
    await tell(sender, 'bob', { consent: false })
    expect(
      await rows(sender.projectId, 'select 1 from nunchi.match_candidates where project_id = $p'),
    ).toEqual([])
    await matchPeople(ground.app, quiet)
    expect(await runs()).not.toEqual(first)
  })

  it('tells nobody of people but those who are matched: they are no items to recommend', async () => {
    const sender = await club(members(['ann', 'bob']))
    const answer = await ground.app.call<object>('recommend', {
      keyHash: sender.keyHash,
      anonymousId: 'somebody',
      types: ['person'],
    })
    expect(answer).toMatchObject({ error: 'unknown_type', types: [] })
    expect(
      await ground.app.call('recommend', {
        keyHash: sender.keyHash,
        anonymousId: 'somebody',
        list: 'similar',
        context: { items: ['ann'] },
      }),
    ).toMatchObject({ recommendations: {}, neighbors: {} })
  })
})
