/** A collector whose event loop stands still: it says so, is given no work, and loses nothing of what it was sent. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKey } from '@nunchi/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { someBatch, someEvent } from '../../test/rig.ts'
import { sha256 } from '../../test/security/river.ts'

const stall = 5_000

interface Instance {
  child: ChildProcess
  url: string
}

describePostgres('reliability 30: an event loop that stands still for five seconds', (server) => {
  const children = new Set<ChildProcess>()
  let db: TestDatabase
  let key: string
  beforeEach(async () => {
    db = await createDatabase(server)
    key = createKey('pub')
    const { projectId } = await db.owner.call<{ projectId: string }>('create_project', { name: 'Shop' })
    const about = { projectId, environment: 'production', kind: 'pub', hint: key.slice(-4) }
    await db.owner.call('create_key', { ...about, hash: sha256(key) })
  })
  afterEach(async () => {
    const ended = [...children].map((child) => once(child, 'exit'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
    children.clear()
    await db?.drop()
  })

  async function start(): Promise<Instance> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      env: { PATH: process.env['PATH'], DATABASE_URL: db.appUrl, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    for await (const line of createInterface(child.stdout)) {
      const url = /"listening".*"url":"([^"]+)"/.exec(line)?.[1]
      if (url) {
        child.stdout.resume()
        return { child, url }
      }
    }
    throw new Error('The collector ended before it listened.')
  }
  const batch = () => someBatch(Array.from({ length: 10 }, () => someEvent()))
  const send = async ({ url }: Instance, body: object) => {
    const answer = await fetch(`${url}/v1/events?key=${key}`, { method: 'POST', body: JSON.stringify(body) })
    return { status: answer.status, ...((await answer.json()) as { accepted: number; duplicates: number }) }
  }
  const health = async ({ url }: Instance) => {
    const answer = await fetch(`${url}/health/ready`)
    return { status: answer.status, ...((await answer.json()) as { ready: boolean; stalled: boolean }) }
  }
  // Also a busy machine makes an event loop wait: then it says so for some seconds.
  const becomesReady = (one: Instance) =>
    expect
      .poll(() => health(one), { timeout: 20_000 })
      .toMatchObject({ status: 200, ready: true, stalled: false })
  const stored = async () =>
    Number((await db.sql`select count(*) as n from nunchi.analytics_events`)[0]?.['n'])

  it('is seen in its health, ends by itself, and neither loses nor doubles an event', async () => {
    const [stalling, healthy] = await Promise.all([start(), start()])
    await becomesReady(stalling)

    stalling.child.kill('SIGSTOP')
    const batches = Array.from({ length: 5 }, batch)
    const answers = Promise.all(batches.map((body) => send(stalling, body)))
    // Who has no answer tries again, and comes to another instance.
    const again = await send(healthy, batches[0]!)
    expect(again).toMatchObject({ status: 202, accepted: 10 })
    expect(await Promise.race([answers, sleep(stall, 'no answer')])).toBe('no answer')
    stalling.child.kill('SIGCONT')

    expect(await health(stalling)).toMatchObject({ status: 503, ready: false, stalled: true })
    expect((await fetch(`${stalling.url}/health/live`)).status).toBe(200)
    const acks = await answers
    expect(acks.map(({ status }) => status)).toEqual(batches.map(() => 202))
    expect(acks.map(({ accepted }) => accepted)).toEqual([0, 10, 10, 10, 10])
    expect(await stored()).toBe(50)

    await becomesReady(stalling)
    await becomesReady(healthy)
    expect(await send(stalling, batch())).toMatchObject({ status: 202, accepted: 10 })
  })
})
