/** A backup and a restore of a database folder. */

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { migratedFolder } from '../../../collector/test/migrated-pglite.ts'
import { cli } from '../../test/in-process.ts'
import { openFolder } from '../database/folder.ts'

let dir: string
let data: string[]
let file: string
let key: string
beforeAll(async () => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  dir = mkdtempSync(join(tmpdir(), 'nunchi-backup-'))
  data = ['--data', join(dir, 'db')]
  await migratedFolder(join(dir, 'db'))
  file = join(dir, 'db.nunchi')
  key = (await cli('keys', 'create', '--project', 'shop', ...data)).out.trim()
  expect(await cli('backup', file, ...data)).toMatchObject({ code: 0, err: '' })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const keysIn = async (folder: string) =>
  JSON.parse((await cli('keys', 'list', '--json', '--data', folder)).out).map(
    ({ plain }: { plain: string }) => plain,
  )

describe('the backup of a folder', () => {
  it('is a file for this user alone, and never written over another', async () => {
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    const { code, err } = await cli('backup', file, ...data)
    expect([code, err]).toEqual([1, expect.stringContaining('is there already')])
    const nowhere = await cli('backup', join(dir, 'none', 'x'), ...data)
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('cannot be written (ENOENT)')])
  })

  it('is refused where there is no database, or another process has it', async () => {
    const missing = await cli('backup', join(dir, 'x'), '--data', join(dir, 'none'))
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('There is no database in')])
    expect(existsSync(join(dir, 'none'))).toBe(false)
    const { close } = await openFolder(join(dir, 'db'))
    const held = await cli('backup', join(dir, 'x'), ...data)
    await close()
    expect([held.code, held.err]).toEqual([1, expect.stringContaining('is in use by process')])
    expect(existsSync(join(dir, 'x')) || existsSync(join(dir, 'x.partial'))).toBe(false)
  })

  it('makes the same database in another folder', async () => {
    const copy = join(dir, 'copy')
    const { code, out, err } = await cli('restore', file, '--data', copy)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Restored \d+ rows in \d+ tables, 0 of them events\.\n.*up to date\.\n$/)
    expect(await keysIn(copy)).toEqual([key])
  })

  it('is not restored over rows, unless told to', async () => {
    const target = join(dir, 'target')
    await cli('restore', file, '--data', target)
    const other = (await cli('keys', 'create', '--project', 'other', '--data', target)).out.trim()
    const { code, err } = await cli('restore', file, '--data', target)
    expect([code, err]).toEqual([1, expect.stringMatching(/holds \d+ rows; name another folder with --data/)])
    expect(await keysIn(target)).toEqual([key, other])
    expect(await cli('restore', file, '--replace', '--data', target)).toMatchObject({ code: 0, err: '' })
    expect(await keysIn(target)).toEqual([key])
  })

  it('that is torn changes nothing, not even where it was to replace', async () => {
    const torn = join(dir, 'torn')
    writeFileSync(torn, readFileSync(file).subarray(0, 100_000))
    const { code, err } = await cli('restore', torn, '--replace', ...data)
    expect([code, err]).toEqual([1, expect.stringContaining('cannot be read as a backup of a folder')])
    expect(await keysIn(join(dir, 'db'))).toEqual([key])
    writeFileSync(torn, 'hello')
    expect((await cli('restore', torn, ...data)).err).toContain('is no backup of nunchi')
    expect((await cli('restore', join(dir, 'none'), ...data)).err).toContain('cannot be read (ENOENT)')
  })

  it('finds the former database again where a restore was cut off between its last two steps', async () => {
    renameSync(join(dir, 'db', 'pg'), join(dir, 'db', 'pg.before'))
    const { code, err } = await cli('restore', file, ...data)
    expect([code, err]).toEqual([1, expect.stringContaining('rows; name another folder')])
    expect(await keysIn(join(dir, 'db'))).toEqual([key])
  })

  it('does not go into a Postgres, nor a Postgres into a folder', async () => {
    const dump = join(dir, 'dump')
    writeFileSync(dump, 'PGDMP')
    expect((await cli('restore', dump, ...data)).err).toContain('is the backup of a Postgres; name the one')
    vi.stubEnv('DATABASE_URL', 'postgres://127.0.0.1:9/none')
    const { code, err } = await cli('restore', file)
    vi.stubEnv('DATABASE_URL', '')
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('is the backup of a folder; take DATABASE_URL away'),
    ])
  })
})
