import { describe, expect, it } from 'vitest'
import { newId, problemOf, rig, someBatch, someEvent } from '../../test/rig.ts'

describe('POST /v1/events', () => {
  it('acknowledges a batch with its id, after the commit', async () => {
    const { post, rows } = await rig()
    const batch = someBatch([someEvent(), someEvent()])
    const response = await post(batch)
    expect(response.status).toBe(202)
    const ack = await response.json()
    expect(ack).toMatchObject({ batch: batch.id, accepted: 2, duplicates: 0, rejected: [] })
    expect(rows.size).toBe(2)
  })

  it('stores an event once, however often it comes: in one batch, in two, or the batch again', async () => {
    const { post, rows } = await rig()
    const event = someEvent()
    const batch = someBatch([event, event])
    expect(await (await post(batch)).json()).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await (await post(batch)).json()).toMatchObject({ accepted: 0, duplicates: 2 })
    expect(await (await post(someBatch([event]))).json()).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(rows.size).toBe(1)
  })

  it('keeps the same id of two projects apart', async () => {
    const { post, addKey, rows } = await rig()
    const batch = someBatch()
    await post(batch)
    await post(batch, { key: await addKey({ projectId: 'p2' }) })
    expect(rows.size).toBe(2)
  })

  it('stores the good events beside bad ones, and says of each bad one what to do', async () => {
    const { post, rows, batches } = await rig()
    const events = [someEvent({ ts: '2025-02-30' }), someEvent(), someEvent({ name: '' }), someEvent()]
    const ack = await (await post(someBatch(events))).json()
    expect(ack).toMatchObject({
      accepted: 2,
      rejected: [
        {
          index: 0,
          id: events[0]?.id,
          code: 'event_time_invalid',
          docs: 'https://nunchi.dev/docs/errors#event_time_invalid',
        },
        { index: 2, id: events[2]?.id, code: 'event_name_invalid' },
      ],
    })
    expect(rows.size).toBe(2)
    expect(batches[0]?.rejects.map((one) => one.rejection.code)).toEqual([
      'event_time_invalid',
      'event_name_invalid',
    ])
  })

  it('records refused events and drops also where no event is left', async () => {
    const { post, batches } = await rig()
    expect((await post(someBatch([someEvent({ id: 'x' })], { dropped: { store_full: 7 } }))).status).toBe(202)
    expect(batches[0]).toMatchObject({ events: [], dropped: { store_full: 7 } })
    expect(batches[0]?.rejects).toHaveLength(1)
  })

  it('answers a leaving page with 204 and nothing else', async () => {
    const { post, rows } = await rig()
    const response = await post(someBatch(), { query: 'ack=none' })
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    expect(rows.size).toBe(1)
  })

  it('passes on what only the database refuses, by its place among all events', async () => {
    const { post, storage } = await rig()
    const call = storage.call
    storage.call = async <Result>(fn: string, args: unknown): Promise<Result> => {
      const answer = await call<{ batches?: object[] }>(fn, args)
      const rejected = [
        {
          index: 1,
          id: 'x',
          code: 'event_partition_full',
          detail: 'events[1] is one too many.',
          fix: 'f',
          docs: '',
        },
      ]
      return (
        answer?.batches ? { batches: answer.batches.map((one) => ({ ...one, rejected })) } : answer
      ) as Result
    }
    const ack = await (await post(someBatch([someEvent({ name: '' }), someEvent(), someEvent()]))).json()
    expect(ack.rejected).toMatchObject([
      { index: 0, code: 'event_name_invalid' },
      {
        index: 2,
        code: 'event_partition_full',
        detail: 'events[2] is one too many.',
        docs: 'https://nunchi.dev/docs/errors#event_partition_full',
      },
    ])
  })

  it('security 19: takes its clock on arrival, and nothing of the server’s from the body', async () => {
    const now = 1_732_000_000_000
    const { post, batches } = await rig({ now: () => now })
    await post({
      ...someBatch(),
      sentAt: now - 5,
      receivedAt: 1,
      keyHash: 'x',
      project_id: 'x',
      internal: true,
    })
    const [batch] = batches
    expect(batch).toMatchObject({ receivedAt: now, sentAt: now - 5 })
    expect(Object.keys(batch ?? {}).sort()).toEqual(
      ['batch', 'context', 'dropped', 'events', 'keyHash', 'receivedAt', 'rejects', 'sentAt'].sort(),
    )
    expect(batch?.keyHash).toMatch(/^[\da-f]{64}$/)
  })

  it('acknowledges the batch’s id as it was written', async () => {
    const { post } = await rig()
    const id = newId().toUpperCase()
    expect(await (await post(someBatch([someEvent()], { id }))).json()).toMatchObject({
      batch: id,
      accepted: 1,
    })
  })

  it.each([
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', true],
    ['Mozilla/5.0 HeadlessChrome/140.0.0.0 Safari/537.36', true],
    ['', true],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', undefined],
    [
      'Mozilla/5.0 (Linux; Android 15; Cubot X30) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
      undefined,
    ],
  ])('flags programs by their User-Agent: %s', async (userAgent, bot) => {
    const { post, batches } = await rig()
    await post(someBatch([someEvent()], { context: { bot: 'no' } }), { headers: { 'user-agent': userAgent } })
    expect(batches[0]?.context).toEqual(
      bot ? expect.objectContaining({ bot }) : expect.not.objectContaining({ bot: true }),
    )
  })

  it('answers other methods with 405 and those it knows', async () => {
    const { get } = await rig()
    const response = await get('/v1/events')
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    expect(await problemOf(response)).toMatchObject({ code: 'method_not_allowed', status: 405 })
  })
})

describe('a storage that fails', () => {
  it.each(['08006', '57P01', '53300', '25006', '42501'])(
    'by %s gives 503, says when to come again, and no more',
    async (code) => {
      const { post, state, log } = await rig()
      await post(someBatch())
      state.fail = Object.assign(new Error('relation "nunchi.secret" at /srv/app.ts'), { code })
      const response = await post(someBatch())
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      const problem = await problemOf(response)
      expect(problem.code).toBe('storage_unavailable')
      expect(JSON.stringify(problem)).not.toMatch(/secret|srv/)
      expect(log().find((line) => line['requestId'] === problem.requestId && line['error'])).toMatchObject({
        error: expect.stringContaining(code),
      })
    },
  )

  it('recovers alone', async () => {
    const { post, state } = await rig()
    state.fail = Object.assign(new Error('gone'), { code: '57P01' })
    expect((await post(someBatch())).status).toBe(503)
    delete state.fail
    expect((await post(someBatch())).status).toBe(202)
  })
})

describe('a mistake of ours', () => {
  const broken = (production: boolean) =>
    rig({
      production,
      use: [
        (app) =>
          app.get('/broken', () => {
            throw new TypeError('cannot read x of undefined at /srv/app.ts')
          }),
      ],
    })

  it('security 55: is a 500 with a request id, and its reason in the log alone', async () => {
    const { get, log } = await broken(true)
    const response = await get('/broken')
    const problem = await problemOf(response)
    expect(problem).toMatchObject({
      code: 'internal',
      status: 500,
      requestId: response.headers.get('x-request-id'),
    })
    expect(JSON.stringify(problem)).not.toMatch(/TypeError|srv/)
    expect(log().find((line) => line.level === 'error')).toMatchObject({ requestId: problem.requestId })
  })

  it('is told to a developer', async () => {
    const { get } = await broken(false)
    expect((await problemOf(await get('/broken'))).detail).toContain('cannot read x')
  })
})

it('says what to do where no storage is given', async () => {
  const { collector } = await rig({ storage: undefined, production: false })
  const response = await collector.fetch(new Request('https://collector.example/health/live'))
  expect((await problemOf(response)).detail).toContain('fetch(request, { storage })')
})
