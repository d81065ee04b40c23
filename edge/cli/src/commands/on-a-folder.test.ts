/** Keys, migrations and the doctor on a local database. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyKind } from '@nunchi/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { cli } from '../../test/in-process.ts'

let dir: string
let data: string[]
beforeAll(async () => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  dir = mkdtempSync(join(tmpdir(), 'nunchi-keys-'))
  data = ['--data', join(dir, 'db')]
  await cli('migrate', 'up', ...data)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const list = async () => JSON.parse((await cli('keys', 'list', '--json', ...data)).out)

describe('keys', () => {
  it('are none at first, and the list says how to make one', async () => {
    expect(await cli('keys', 'list', ...data)).toMatchObject({
      code: 0,
      out: 'No keys yet; make one with: nunchi keys create --project NAME\n',
    })
  })

  it('are printed alone, so that a script can take them', async () => {
    const { out, code } = await cli('keys', 'create', '--project', 'shop', ...data)
    expect(code).toBe(0)
    expect(keyKind(out.trim())).toBe('pub')
    expect(await list()).toMatchObject([
      { projectName: 'shop', environment: 'production', plain: out.trim() },
    ])
  })

  it('of servers are shown this once: the database has no text to show again', async () => {
    const words = [
      '--project',
      'shop',
      '--kind',
      'srv',
      '--environment',
      'staging',
      '--scopes',
      'events:write',
    ]
    const { out } = await cli('keys', 'create', ...words, ...data)
    const key = out.split('\n')[0]!
    expect(keyKind(key)).toBe('srv')
    expect(out).toContain('Shown this once')
    const { out: table } = await cli('keys', 'list', '--project', 'shop', ...data)
    expect(table).toContain(`nk_srv_…${key.slice(-6)}`)
    expect(table).not.toContain(key)
    expect(JSON.stringify(await list())).not.toContain(key)
  })

  it('keep their origins', async () => {
    const origins = 'https://a.example, http://localhost:3000'
    const { out } = await cli('keys', 'create', '--project', 'b', '--origins', origins, '--json', ...data)
    expect(JSON.parse(out)).toMatchObject({ origins: ['https://a.example', 'http://localhost:3000'] })
    expect((await cli('keys', 'list', '--project', 'b', ...data)).out).toContain(
      'https://a.example http://localhost:3000',
    )
  })

  it('are revoked by id, by last characters, or whole; once', async () => {
    const make = async () => (await cli('keys', 'create', '--project', 'gone', ...data)).out.trim()
    const [byHint, whole] = [await make(), await make()]
    const byId = await make()
    const id = (await list()).find(({ plain }: { plain: string }) => plain === byId).keyId
    for (const name of [id, byHint.slice(-6), whole]) {
      const { code, out } = await cli('keys', 'revoke', name, ...data)
      expect([code, out]).toEqual([0, expect.stringContaining('collectors refuse it within two seconds')])
      const again = await cli('keys', 'revoke', name, ...data)
      expect([again.code, again.err]).toEqual([1, expect.stringContaining('No key in force fits')])
      expect(again.err).not.toContain(whole)
    }
    const { out } = await cli('keys', 'list', '--project', 'gone', ...data)
    expect(out.match(/\d{4}-\d\d-\d\d {2}\d{4}-\d\d-\d\d/g), 'created and revoked').toHaveLength(3)
  })
})

describe('export csv', () => {
  it('reads a folder too', async () => {
    const { code, out } = await cli('export', 'csv', '--view', 'projects', '--project', 'shop', ...data)
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^project_id,name,timezone,created_at\r\n[\da-f-]{36},shop,UTC,\d{4}-\S+Z\r\n$/),
    ])
  })
})

describe('migrations', () => {
  it('go down by the number asked for, and up again', async () => {
    const migrated = async () =>
      JSON.parse((await cli('migrate', 'status', '--json', ...data)).out).map(
        ({ appliedAt }: { appliedAt?: string }) => appliedAt !== undefined,
      )
    const all = await migrated()
    expect(new Set(all)).toEqual(new Set([true]))
    expect((await cli('migrate', 'down', '--steps', '1', ...data)).out).toMatch(/^removed {2}\d{4}_/)
    expect(await migrated()).toEqual([...all.slice(0, -1), false])
    expect((await cli('migrate', 'status', ...data)).out).toMatch(/\bno$/m)
    const { code, out } = await cli('doctor', ...data)
    expect([code, out], 'a schema that is behind').toEqual([
      1,
      expect.stringMatching(/✗ schema .*\n.*Run: nunchi migrate up/),
    ])
    expect((await cli('migrate', 'down', '--steps', '99', ...data)).code).toBe(0)
    expect((await cli('migrate', 'down', '--steps', '1', ...data)).out).toContain('Nothing to take down')
    const { code: bare, err: why } = await cli('keys', 'list', ...data)
    expect([bare, why]).toEqual([1, expect.stringContaining('run: nunchi migrate up')])
    expect((await cli('migrate', 'up', ...data)).out).toMatch(/applied {2}0001_[\s\S]*is up to date\.\n$/)
  })
})

describe('doctor', () => {
  it('finds a fresh local database in order', async () => {
    const { code, out } = await cli('doctor', ...data)
    expect(code).toBe(0)
    expect(out).toMatch(/^✓ server .*Postgres/m)
    expect(out).toMatch(/^✓ row security .*forced/m)
    expect(out).toMatch(/^✓ partitions .*3 months ahead/m)
    expect(out).not.toMatch(/^[!✗]/m)
  })

  it('refuses one that runs as a superuser in production, and exits 1', async () => {
    const { code, out, err } = await cli('doctor', '--production', '--json', ...data)
    expect(code).toBe(1)
    expect(err).toContain('checks failed (login); the lines above say what to do')
    const { production, checks } = JSON.parse(out)
    expect(production).toBe(true)
    expect(checks.filter(({ status }: { status: string }) => status === 'fail')).toMatchObject([
      { name: 'login', detail: expect.stringContaining('a superuser'), fix: expect.any(String) },
    ])
  })

  it('makes no database where there is none', async () => {
    const nowhere = join(dir, 'nowhere')
    expect((await cli('doctor', '--data', nowhere)).err).toContain('There is no database in')
    expect(existsSync(nowhere)).toBe(false)
  })
})
