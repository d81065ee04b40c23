/** The doctor on flags and experiments: what was refused, what is wrong in force, and that all is well again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyGateway, publishChange, setFlag } from '@nunchi/collector/manage'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'
import { keyHash } from '../keys.ts'

describePostgres('the doctor', (server) => {
  let db: TestDatabase
  let dir: string
  beforeAll(async () => {
    db = await createDatabase(server)
    vi.stubEnv('DATABASE_URL', db.appUrl)
    vi.stubEnv('NUNCHI_MIGRATE_URL', db.url)
    dir = mkdtempSync(join(tmpdir(), 'nunchi-doctor-'))
    await cli('keys', 'create', '--project', 'shop')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true, force: true })
    await db?.drop()
  })

  const set = (flag: object) => {
    const path = join(dir, 'flag.json')
    writeFileSync(path, JSON.stringify(flag))
    return cli('flags', 'set', 'checkout', path)
  }
  const said = async () =>
    (await cli('doctor')).out.split('\n').find((line) => line.includes('config of shop')) ?? 'nothing'

  it('tells why a definition was refused, until one is published', async () => {
    expect(await said()).toBe('nothing')
    expect(await set({ type: 'boolean', value: 'yes\u0000' })).toMatchObject({ code: 1 })
    expect(await said()).toMatch(
      /^! config of shop +cli:.* was refused at .*flags\.checkout\.value .*number 0 stays in force/,
    )
    expect(await set({ type: 'boolean', value: false })).toMatchObject({ code: 0 })
    expect(await said()).toMatch(/^✓ config of shop +number 1: 1 flags, 0 experiments/)
  })

  it('tells what a key was refused for; a key that may not publish leaves no trace', async () => {
    const bad = setFlag('checkout', { type: 'boolean', value: 'no' })
    const srv = (await cli('keys', 'create', '--project', 'shop', '--kind', 'srv')).out
      .trim()
      .split(/\s+/)
      .find((word) => word.startsWith('nk_srv_'))!
    const pub = (await cli('keys', 'create', '--project', 'shop')).out.trim()
    await expect(
      db.app.call('refuse_config_by_key', {
        keyHash: keyHash(pub),
        mistakes: [{ path: '', message: 'spam' }],
      }),
    ).resolves.toEqual({
      error: 'key_not_allowed',
    })
    expect(await said()).toMatch(/^✓/)
    await expect(publishChange(keyGateway(db.app, keyHash(srv)), bad)).rejects.toMatchObject({
      code: 'config_invalid',
    })
    expect(await said()).toMatch(/^! config of shop +key:\d+ was refused/)
    expect(await set({ type: 'boolean', value: true })).toMatchObject({ code: 0 })
  })

  it('fails while something is in force that somebody wrote past the check', async () => {
    await db.sql`alter table nunchi.config_versions disable trigger all`
    await db.sql`update nunchi.config_versions set definition = '{"flags": {"checkout": {"type": "boolean", "value": 3, "revision": 1}}, "experiments": {}}'`
    const ran = await cli('doctor')
    expect(ran.code).toBe(1)
    expect(await said()).toMatch(
      /^✗ config of shop +number 2 is in force with a mistake that pages pass over: flags\.checkout\.value/,
    )
  })
})
