/** What a database folder promises: one process at a time, data that survives kill -9, one sentence when it is broken. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFolder } from './folder.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-folder-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Another process that opens the folder, runs a statement, says so, and stays. */
async function other(statement: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const code = `import { openFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder.ts'))}
    const { db } = await openFolder(${JSON.stringify(dir)})
    await db.exec(${JSON.stringify(statement)})
    console.log('ready')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((ready) => child.stdout.once('data', ready))
  return {
    pid: child.pid!,
    kill: () => new Promise((gone) => child.once('exit', () => gone()) && child.kill('SIGKILL')),
  }
}

describe('a database folder', () => {
  it('refuses a second process with its id, then opens with the data after kill -9', async () => {
    const first = await other('create table t (i int); insert into t values (42)')
    await expect(openFolder(dir)).rejects.toMatchObject({
      code: 'data_locked',
      message: expect.stringContaining(`in use by process ${first.pid}; stop that one first`),
    })
    await first.kill()
    const { db, close } = await openFolder(dir)
    expect((await db.query('select i from t')).rows).toEqual([{ i: 42 }])
    await close()
  }, 60_000)

  it('is made again when its making was cut off', async () => {
    writeFileSync(join(dir, 'creating'), '')
    mkdirSync(join(dir, 'pg', 'base'), { recursive: true })
    writeFileSync(join(dir, 'pg', 'PG_VERSION'), '18\n')
    const { db, close } = await openFolder(dir)
    expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await close()
  }, 60_000)

  it('says what to do with a damaged database, and leaves it where it is', async () => {
    mkdirSync(join(dir, 'pg'))
    writeFileSync(join(dir, 'pg', 'PG_VERSION'), '9\n')
    await expect(openFolder(dir)).rejects.toMatchObject({
      code: 'data_broken',
      message: expect.stringMatching(/is damaged and does not open; move it away/),
    })
    await expect(openFolder(dir), 'and the lock was let go').rejects.toMatchObject({ code: 'data_broken' })
  }, 60_000)

  it('says so when the folder cannot be made', async () => {
    const file = join(dir, 'file')
    writeFileSync(file, '')
    await expect(openFolder(file)).rejects.toMatchObject({
      code: 'data_unwritable',
      message: expect.stringContaining(
        'give this user the right to, or choose another folder with --data DIR',
      ),
    })
  })

  it('says so when the lock file is something else', async () => {
    writeFileSync(join(dir, 'lock'), 'not a database, but long enough to be read as one'.repeat(10))
    await expect(openFolder(dir)).rejects.toMatchObject({ code: 'data_broken' })
  })
})
