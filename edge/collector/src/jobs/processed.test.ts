/** What is read of processing: people, figures, and the recount that holds them to the raw events. */
import { describe, expect, it } from 'vitest'
import { addSender, derived, drain, recount } from '../../test/processing.ts'
import { at, describeGrounds } from '../../test/processing-grounds.ts'
import { someEvent } from '../../test/rig.ts'

/** An event at a time, sent in the same moment. */
const event = (time: string, more: object = {}) => someEvent({ ts: at(time), ...more })

describeGrounds('what processing wrote', (ground, rows) => {
  describe('people', () => {
    const people = async (sender: { keyHash: string }, unit = 'day') =>
      (
        await ground.app.call<{ people: number }>('usage', {
          keyHash: sender.keyHash,
          from: at('2026-11-20T00:00:00Z'),
          to: at('2026-11-21T00:00:00Z'),
          unit,
        })
      ).people

    it('are one across devices, by a link that comes late; the first link holds for the past', async () => {
      const sender = await addSender(ground)
      const on = (time: string, more: object) => {
        const one = event(`2026-11-20T${time}Z`, more)
        return sender.send([one], { receivedAt: one.ts })
      }
      await on('10:00:00', { anonymousId: 'phone' })
      await on('11:00:00', { anonymousId: 'laptop' })
      await drain(ground)
      expect(await people(sender)).toBe(2)
      await on('12:00:00', { anonymousId: 'phone', userId: 'ann' })
      await on('13:00:00', { anonymousId: 'laptop', userId: 'ann' })
      await drain(ground)
      expect(await people(sender)).toBe(1)
      expect(await people(sender, 'minute')).toBe(1)
      // A second user on the same device is another person, and takes nothing of the past.
      await on('14:00:00', { anonymousId: 'laptop', userId: 'bob' })
      await drain(ground)
      expect(await people(sender)).toBe(2)
      // A link that was made before all others, and comes last.
      await on('09:00:00', { anonymousId: 'laptop', userId: 'bob' })
      await drain(ground)
      expect(
        await rows(
          sender.projectId,
          `select anonymous_id, user_id from nunchi.identities where project_id = $p order by 1`,
        ),
      ).toEqual(['laptop bob', 'phone ann'])
      // Both names are the same person after all.
      await on('15:00:00', { type: 'alias', anonymousId: 'phone', userId: 'ann', previousId: 'bob' })
      await drain(ground)
      expect(await people(sender)).toBe(1)
      expect(await recount(ground, { projectId: sender.projectId })).toMatchObject({ differences: 0 })
    })

    it('are found through chains of aliases, and a circle is one person', async () => {
      const { projectId, send } = await addSender(ground)
      const alias = (previousId: string, userId: string) =>
        someEvent({
          type: 'alias',
          name: 'alias',
          anonymousId: undefined,
          sessionId: undefined,
          userId,
          previousId,
        })
      await send([
        alias('a', 'b'),
        alias('b', 'c'),
        alias('x', 'y'),
        alias('y', 'z'),
        alias('z', 'y'),
        alias('s', 's'),
      ])
      await drain(ground)
      expect(
        await rows(projectId, `select previous_id, person from nunchi.alias_map($p) order by 1`),
      ).toEqual(['a c', 'b c', 'x y', 'y y', 'z y'])
      for (const [id, person] of [
        ['a', 'c'],
        ['c', 'c'],
        ['x', 'y'],
        ['z', 'y'],
        ['s', 's'],
        ['new', 'new'],
      ])
        expect(await rows(projectId, `select nunchi.person_of($p, '${id}', null)`)).toEqual([person])
    })

    it('are followed for 32 steps, so that a made-up chain makes no question slow', async () => {
      const { projectId, send } = await addSender(ground)
      const alias = (step: number) =>
        someEvent({ type: 'alias', anonymousId: undefined, previousId: `n${step}`, userId: `n${step + 1}` })
      await send(Array.from({ length: 200 }, (_, step) => alias(step)))
      await drain(ground)
      for (const [from, to] of [
        ['n0', 'n32'],
        ['n180', 'n200'],
      ])
        expect(
          await rows(
            projectId,
            `select person, nunchi.person_of($p, '${from}', null) from nunchi.alias_map($p) where previous_id = '${from}'`,
          ),
        ).toEqual([`${to} ${to}`])
    })

    it('keep the newest of each trait, whatever comes last', async () => {
      const { projectId, send } = await addSender(ground)
      const says = (time: string, properties: object, more: object = {}) =>
        event(time, { type: 'identify', name: 'identify', userId: 'ann', properties, ...more })
      await send([says('2026-11-20T12:00:00Z', { plan: 'pro', city: 'Seoul' })])
      await send([says('2026-11-20T11:00:00Z', { plan: 'free', age: 70 })])
      await send([says('2026-11-20T13:00:00Z', { seats: 5 }, { type: 'group', groupId: 'acme' })])
      await drain(ground, 1)
      expect(
        await rows(
          projectId,
          `select kind, subject, key, value from nunchi.traits where project_id = $p order by 1, 2, 3`,
        ),
      ).toEqual(['group acme seats 5', 'user ann age 70', 'user ann city Seoul', 'user ann plan pro'])
    })
  })

  it('gives figures to a server key alone, bucket by bucket, with gaps filled', async () => {
    const sender = await addSender(ground, { timezone: 'Asia/Seoul' })
    const send = (time: string, more: object) => {
      const one = event(time, more)
      return sender.send([one], { receivedAt: one.ts, context: { country: 'KR' } })
    }
    await send('2026-11-20T14:00:10Z', { type: 'page', sessionId: 's1' })
    await send('2026-11-20T14:00:50Z', { name: 'Signed Up', sessionId: 's1', properties: { revenue: 9.99 } })
    await send('2026-11-20T15:30:00Z', { anonymousId: 'a2', sessionId: 's2' })
    await drain(ground)
    const args = { keyHash: sender.keyHash, from: at('2026-11-20T14:00:00Z'), to: at('2026-11-21T15:00:00Z') }
    const none = { people: 0, sessions: 0, events: 0, pages: 0, conversions: 0, revenue: {} }
    const busy = { people: 1, sessions: 1, events: 2, pages: 1, conversions: 1, revenue: { USD: '9.99' } }
    expect(await ground.app.call('usage', { ...args, unit: 'day' })).toEqual({
      unit: 'day',
      timezone: 'Asia/Seoul',
      people: 2,
      buckets: [
        { at: '2026-11-20', ...busy },
        { at: '2026-11-21', ...none, people: 1, sessions: 1, events: 1 },
      ],
    })
    expect(
      await ground.app.call('usage', { ...args, to: at('2026-11-20T14:02:00Z'), unit: 'minute' }),
    ).toMatchObject({
      people: 1,
      buckets: [
        { at: at('2026-11-20T14:00:00Z'), ...busy },
        { at: at('2026-11-20T14:01:00Z'), ...none },
      ],
    })
    expect(await ground.app.call('breakdown', { ...args, kind: 'country' })).toEqual({
      kind: 'country',
      events: 1,
      rows: [{ name: 'KR', events: 1, amount: '0' }],
    })
    await expect(ground.app.call('usage', { ...args, from: 0, unit: 'minute' })).rejects.toMatchObject({
      code: '22023',
    })
    const { keyHash } = await addSender(ground, { kind: 'pub' })
    for (const fn of ['usage', 'breakdown'])
      for (const hash of [keyHash, 'f'.repeat(64)])
        expect(await ground.app.call(fn, { ...args, keyHash: hash, unit: 'day', kind: 'page' })).toBeNull()
  })

  it('is held to the raw events by recount, which names each difference and repairs it', async () => {
    const { projectId, send } = await addSender(ground)
    const campaign = { source: 'news', name: 'spring' }
    await send([
      someEvent({ type: 'page', properties: { campaign } }),
      someEvent({ type: 'identify', userId: 'ann', properties: { plan: 'pro' } }),
      someEvent({ type: 'alias', userId: 'bea', previousId: 'ann' }),
    ])
    await drain(ground)
    const right = await derived(ground, projectId)
    expect(await recount(ground, { projectId })).toMatchObject({ differences: 0, events: 3 })
    const harm = [
      'update nunchi.rollup_days set events = events + 1 where',
      'delete from nunchi.rollup_minutes where',
      `update nunchi.daily_visitors set anonymous_id = 'ghost' where`,
      `update nunchi.minute_visitors set user_id = 'ghost' where`,
      `update nunchi.sessions set pages = 7, exit_url = 'x' where`,
      `update nunchi.identities set user_id = 'eve' where`,
      'delete from nunchi.aliases where',
      `update nunchi.traits set value = '"free"' where`,
    ]
    const harmed: string[] = []
    for (const text of harm) {
      const area = /nunchi\.(\w+)/.exec(text)?.[1]
      const which = /update nunchi.*visitors/.test(text)
        ? `ctid = (select min(ctid) from nunchi.${area} where project_id = '${projectId}') and`
        : ''
      await ground.query(`${text} ${which} project_id = '${projectId}'`)
      const { rows: found } = await recount(ground, { projectId })
      harmed.push(area ?? '')
      expect(new Set(found.map((row) => row.area)), text).toEqual(new Set(harmed))
    }
    const told = await recount(ground, { projectId, repair: true, limit: 3 })
    expect(told.differences).toBeGreaterThan(8)
    expect(told.rows).toHaveLength(3)
    expect(await recount(ground, { projectId })).toMatchObject({ differences: 0 })
    expect(await derived(ground, projectId)).toEqual(right)
  })
})
