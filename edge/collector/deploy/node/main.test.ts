import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createKey } from '@nunchi/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { migrateUp } from '../../src/storage/migrate.ts'
import { pglite, pgliteSession } from '../../src/storage/pglite.ts'
import { someBatch, someEvent } from '../../test/rig.ts'
import { openFolder } from './folder.ts'
import { loadSql } from './sql.ts'

const folder = mkdtempSync(join(tmpdir(), 'nunchi-main-'))
const data = join(folder, 'data')
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Program {
  child: ChildProcess
  out: () => string
  ended: Promise<number | null>
}

function start(env: Record<string, string>): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env['PATH'], ...env },
  })
  started.push(child)
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve)
  })
  return { child, out: () => text, ended }
}

async function addressOf({ out }: Program): Promise<string> {
  await expect.poll(out, { timeout: 30_000 }).toContain('"listening"')
  return /"url":"([^"]+)"/.exec(out())?.[1] ?? ''
}

describe('the program', () => {
  it('refuses settings that cannot be right, each with a sentence, and starts nothing', async () => {
    const program = start({ PORT: 'http' })
    expect(await program.ended).toBe(1)
    expect(program.out()).toContain('DATABASE_URL is missing')
    expect(program.out()).toContain('PORT must be a whole number')
    expect(program.out()).not.toContain('    at ')
  })

  it('waits for a Postgres that is away: alive, not ready, and no event is acknowledged', async () => {
    const program = start({ DATABASE_URL: 'postgres://nunchi_app:hunter2@127.0.0.1:9/nunchi', PORT: '0' })
    const url = await addressOf(program)
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    expect((await fetch(`${url}/health/ready`)).status).toBe(503)
    const sent = await fetch(`${url}/v1/events?key=${createKey('pub')}`, { method: 'POST', body: '{}' })
    expect(sent.status).toBe(503)
    expect(Number(sent.headers.get('retry-after'))).toBeGreaterThan(0)
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(program.out()).not.toContain('hunter2')
  })

  it('is stopped in the middle of its work: what it acknowledged is stored, no answer was a 5xx', async () => {
    const key = createKey('pub')
    const { db, close } = await openFolder(data, (dataDir) => PGlite.create({ dataDir }))
    await migrateUp(pgliteSession(db), loadSql())
    const owner = pglite(db, { role: 'nunchi_owner' })
    const { projectId } = await owner.call<{ projectId: string }>('create_project', { name: 'Shop' })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
    const hash = Buffer.from(digest).toString('hex')
    await owner.call('create_key', {
      projectId,
      environment: 'production',
      kind: 'pub',
      hash,
      hint: key.slice(-4),
    })
    await close()

    const program = start({ DATABASE_URL: data, PORT: '0' })
    const url = await addressOf(program)
    const second = start({ DATABASE_URL: data, PORT: '0' })
    expect(await second.ended, 'one folder, one process').toBe(1)
    expect(second.out()).toContain(`is in use by process ${program.child.pid}; stop that one first`)
    const inside = start({ DATABASE_URL: join(data, 'pg'), PORT: '0' })
    expect(await inside.ended, 'nor by the back door').toBe(1)
    expect(inside.out()).toContain('name the folder around it')

    const acknowledged: string[] = []
    const failures: number[] = []
    let stopped = false
    const sender = async (): Promise<void> => {
      while (!stopped) {
        const event = someEvent()
        const body = JSON.stringify(someBatch([event]))
        const answer = await fetch(`${url}/v1/events?key=${key}`, { method: 'POST', body }).catch(
          () => undefined,
        )
        if (!answer) stopped = true
        else if (answer.status === 202) acknowledged.push(event.id)
        else failures.push(answer.status)
      }
    }
    const senders = Array.from({ length: 8 }, sender)
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(40)
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
    await Promise.all(senders)
    expect(program.out()).toContain('"stopped"')
    expect(failures).toEqual([])

    const again = await PGlite.create(join(data, 'pg'))
    const { rows } = await again.query<{ id: string }>('select id from nunchi.analytics_events')
    await again.close()
    const stored = new Set(rows.map((row) => row.id))
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
    expect(stored.size).toBe(rows.length)
  }, 90_000)
})
