/** Processing under kill -9: worker processes die in the middle of their work, and each event counts once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { addSender, type Ground, recount } from '../../test/processing.ts'
import { someEvent } from '../../test/rig.ts'

const program = join(import.meta.dirname, '../../test/kill-worker.ts')

describePostgres('workers that are killed', (server) => {
  let db: TestDatabase
  const children = new Set<ChildProcess>()
  beforeEach(async () => {
    db = await createDatabase(server)
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await db?.drop()
  })

  const lines: string[] = []
  /** Starts a worker; resolves once it works. */
  function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [program, db.appUrl], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return new Promise((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        const text = chunk.toString()
        lines.push(...text.split('\n').filter((line) => line.startsWith('{')))
        if (text.includes('at work')) resolve(child)
      })
    })
  }
  const kill = (child: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  const waiting = async () =>
    Number(
      (
        await db.sql`select count(*) as n from nunchi.event_processing_queue where processing_status = 'pending'`
      )[0]?.['n'],
    )

  it('leave nothing undone and nothing done twice, whatever they were at', async () => {
    const ground: Ground = {
      app: db.app,
      owner: db.owner,
      query: async (text) => [...(await db.sql.unsafe(text))],
    }
    const { projectId, send } = await addSender(ground)
    // Slow enough to be killed in the middle: each claim pauses between its effects and its commit.
    await db.sql.unsafe(`create function public.pause() returns trigger language plpgsql as $$ begin
        perform pg_sleep(0.02); return null; end $$;
      create trigger pause after insert on nunchi.rollup_days for each statement execute function public.pause()`)
    let sent = 0
    let sending = true
    const traffic = (async () => {
      while (sending) {
        const visitor = sent % 5
        const events = Array.from({ length: 8 }, (_, i) =>
          someEvent({
            anonymousId: `a${visitor}`,
            sessionId: `s${visitor}`,
            type: i === 0 ? 'page' : 'track',
            ...(i === 7 ? { userId: `u${visitor % 2}`, properties: { revenue: 0.1, conversion: true } } : {}),
          }),
        )
        await send(events)
        sent += events.length
        if ((await waiting()) > 100) await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    const workers = await Promise.all([start(), start(), start()])
    let inTheMiddle = 0
    for (let round = 0; round < 5; round++) {
      const [busy] = await db.sql`select count(*)::int as n from pg_stat_activity
        where usename = 'nunchi_app' and state = 'active' and query like '%"process"%'`
      inTheMiddle += Math.min(busy?.['n'] as number, 1)
      await kill(workers.shift() as ChildProcess)
      workers.push(await start())
    }
    // And a backend that the server itself ends.
    await db.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where usename = 'nunchi_app' and query like '%"process"%'`
    sending = false
    await traffic
    await expect.poll(waiting, { timeout: 30_000 }).toBe(0)

    expect(inTheMiddle, 'kills that met a claim under way').toBeGreaterThan(0)
    expect(await recount(ground, { projectId })).toMatchObject({
      events: sent,
      waiting: 0,
      differences: 0,
      rows: [],
    })
    const [total] = await db.sql`select sum(events)::int as n from nunchi.rollup_days where kind = 'total'`
    expect(total?.['n']).toBe(sent)
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  }, 60_000)
})
