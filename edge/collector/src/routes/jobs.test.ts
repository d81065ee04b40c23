/** Processing as a collector does it: by the route for a cron, and by its own worker after a commit. */

import { createKey } from '@nunchi/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { addSender, type Ground, recount } from '../../test/processing.ts'
import { problemOf, rig, someBatch, someEvent } from '../../test/rig.ts'
import { createCollector } from '../app.ts'
import { everything } from '../everything.ts'
import { postgres } from '../storage/postgres.ts'

async function keyOf(kind: 'pub' | 'srv'): Promise<{ key: string; digest: string }> {
  const key = createKey(kind)
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
  return { key, digest: Buffer.from(bytes).toString('hex') }
}
const publicKey = () => keyOf('pub')
const serverKey = () => keyOf('srv')

const run = (key?: string, method = 'POST') =>
  new Request('https://collector.example/v1/jobs/run', {
    method,
    headers: key ? { authorization: `Bearer ${key}` } : {},
  })

describe('POST /v1/jobs/run', () => {
  it('security 1, 4: is for server keys with the scope alone', async () => {
    const { collector, key, addKey } = await rig()
    const answer = async (given?: string) => problemOf(await collector.fetch(run(given)))
    expect(await answer()).toMatchObject({ status: 401, code: 'key_missing' })
    expect(await answer(key)).toMatchObject({ status: 403, code: 'key_not_allowed' })
    const narrow = await addKey({ kind: 'srv', scopes: ['events:write'] })
    expect(await answer(narrow)).toMatchObject({ status: 403, code: 'key_not_allowed' })
    expect((await collector.fetch(run(undefined, 'GET'))).status).toBe(405)
    await collector.close()
  })

  it('answers 503 where a job failed, with a warning and no error in the log', async () => {
    const { collector, addKey, state, log } = await rig({ keyCacheMs: 2_000 })
    const key = await addKey({ kind: 'srv', scopes: ['jobs:run'] })
    await collector.fetch(run(key))
    state.fail = Object.assign(new Error('gone'), { code: '42501' })
    const problem = await problemOf(await collector.fetch(run(key)))
    expect(problem).toMatchObject({ status: 503, code: 'storage_unavailable' })
    expect(log().filter(({ level }) => level === 'error')).toEqual([])
    expect(log().some(({ level, message }) => level === 'warn' && message.includes('tried again'))).toBe(true)
    await collector.close()
  })
})

describePostgres('a collector', (server) => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createDatabase(server)
  })
  afterAll(() => db?.drop())

  it('has an event in the figures soon after its answer, and tells of it in the metrics', async () => {
    const ground: Ground = {
      app: db.app,
      owner: db.owner,
      query: async (text) => [...(await db.sql.unsafe(text))],
    }
    const { projectId, keyHash } = await addSender(ground)
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    const collector = createCollector({ storage: postgres(db.connect(db.appUrl)), use: everything(), log })
    const { key, digest } = await publicKey()
    await db.owner.call('create_key', {
      projectId,
      environment: 'production',
      kind: 'pub',
      hash: digest,
      hint: 'x',
    })
    const now = Date.now()
    const figures = async () =>
      (
        await db.app.call<{ buckets: { events: number }[] }>('usage', {
          keyHash,
          from: now - 60_000,
          to: now + 60_000,
          unit: 'minute',
        })
      ).buckets.reduce((sum, { events }) => sum + events, 0)
    for (let i = 0; i < 5; i++) {
      const body = JSON.stringify(someBatch([someEvent(), someEvent({ type: 'page' })]))
      const headers = {
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      }
      const request = new Request(`https://collector.example/v1/events?key=${key}`, {
        method: 'POST',
        body,
        headers,
      })
      expect((await collector.fetch(request)).status).toBe(202)
    }
    await expect.poll(figures, { timeout: 10_000 }).toBe(10)
    const metrics = await (await collector.fetch(new Request('https://collector.example/metrics'))).text()
    expect(metrics).toMatch(/nunchi_processing_seconds_count [1-5]\n/)
    expect(metrics).toContain('nunchi_queue_dead 0\n')
    await collector.close()
    expect(await recount(ground, { projectId })).toMatchObject({ events: 10, waiting: 0, differences: 0 })
    expect(lines.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([])
  })

  it('leaves the queue alone where it is told to, and does it all when asked', async () => {
    const ground: Ground = {
      app: db.app,
      owner: db.owner,
      query: async (text) => [...(await db.sql.unsafe(text))],
    }
    const { projectId, send } = await addSender(ground)
    const use = everything({ jobs: { worker: false } })
    const collector = createCollector({ storage: postgres(db.connect(db.appUrl)), use, log: () => {} })
    const { key, digest } = await serverKey()
    const scopes = ['jobs:run']
    await db.owner.call('create_key', {
      projectId,
      environment: 'production',
      kind: 'srv',
      hash: digest,
      hint: 'x',
      scopes,
    })
    await send([someEvent(), someEvent()])
    expect(await recount(ground, { projectId })).toMatchObject({ waiting: 2, events: 0 })
    const answer = await collector.fetch(run(key))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ processed: { rows: 1, events: 2, failed: 0, dead: 0, done: true } })
    expect(await recount(ground, { projectId })).toMatchObject({ waiting: 0, events: 2, differences: 0 })
    await collector.close()
  })
})
