import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listPrograms, pgDumpFor, pgRestoresFor } from './find-program.ts'

const of = (...majors: number[]) => majors.map((major) => ({ path: `/${major}`, major }))

describe('pg_dump', () => {
  it('is the server’s version where there is one, else the next above', () => {
    expect(pgDumpFor(16, of(18, 15, 16, 17)).major).toBe(16)
    expect(pgDumpFor(16, of(15, 18, 17)).major).toBe(17)
  })

  it('is asked for in one sentence where there is none, or only an older one', () => {
    expect(() => pgDumpFor(18, [])).toThrow(
      'A backup is made by pg_dump, and there is none here; install the client programs of Postgres 18 or newer (Debian: apt-get install postgresql-client-18; macOS: brew install libpq).',
    )
    expect(() => pgDumpFor(18, of(15, 17))).toThrow(
      /^The pg_dump here is of Postgres 17, older than the server \(18\); install the client programs of Postgres 18/,
    )
  })
})

describe('pg_restore', () => {
  it('is tried from the one that suits the server best', () => {
    expect(pgRestoresFor(16, of(14, 18, 15, 16, 17)).map(({ major }) => major)).toEqual([16, 17, 18, 15, 14])
  })

  it('is asked for where there is none', () => {
    expect(() => pgRestoresFor(15, [])).toThrow(/there is none here; install .* postgresql-client-15/)
  })
})

describe('programs', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'nunchi-programs-'))
    const program = (name: string, text: string) => {
      mkdirSync(join(dir, name))
      const path = join(dir, name, 'pg_dump')
      writeFileSync(path, `#!/bin/sh\n${text}\n`)
      chmodSync(path, 0o755)
    }
    program('good', 'echo "pg_dump (PostgreSQL) 16.4 (Debian 16.4-1)"')
    program('broken', 'exit 1')
    program('other', 'echo hello')
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it.skipIf(process.platform === 'win32')('are those that say their version', () => {
    const where = ['good', 'broken', 'other', 'none', 'good'].map((name) => join(dir, name))
    expect(listPrograms('pg_dump', where)).toEqual([{ path: join(dir, 'good', 'pg_dump'), major: 16 }])
  })
})
