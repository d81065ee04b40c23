/** Flags as files, by the command line: many set at once, and what pages get written out for the site itself. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, compile, evaluateFlag, fullEvaluator, validate } from '@nunchi/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cli } from '../../test/in-process.ts'
import { type QuickDatabase, quickDatabase } from '../../test/quick-database.ts'

let dir: string
let data: string[]
let database: QuickDatabase
const modules = join(import.meta.dirname, '../../../collector/deploy/phases/modules.json')

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-flags-file-'))
  database = await quickDatabase(dir)
  data = database.data
  await cli('keys', 'create', '--project', 'shop', ...data)
})
afterAll(async () => {
  await database?.drop()
  rmSync(dir, { recursive: true, force: true })
})

function file(content: unknown): string {
  const path = join(dir, 'given.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
const flag = { type: 'boolean', value: false }

it('refuses a file without flags, and all of them where one is wrong', async () => {
  for (const content of [[], 7, {}, { flags: [] }, { checkout: 3 }])
    expect(await cli('flags', 'import', file(content), ...data), JSON.stringify(content)).toMatchObject({
      code: 1,
    })
  const wrong = await cli(
    'flags',
    'import',
    file({ good: flag, bad: { type: 'boolean', value: 'yes' } }),
    ...data,
  )
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('flags.bad.value') })
  expect(await cli('flags', 'list', ...data)).toMatchObject({ out: expect.stringContaining('No flags yet') })
})

it('sets the module flags of a rollout at once, and says who gets what', async () => {
  await cli('flags', 'set', 'mine', file(flag), ...data)
  const ran = await cli('flags', 'import', modules, ...data)
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('number 2 is in force') })
  const listed = (await cli('flags', 'list', ...data)).out
  expect(listed).toMatch(/enhanced-analytics +boolean +on +false +ramp 10% +1/)
  expect(listed).toContain('mine')
  const config = JSON.parse((await cli('flags', 'export', ...data)).out) as Config
  const compiled = compile(config, fullEvaluator)
  const value = (key: string, attributes: object) => evaluateFlag(compiled, key, attributes as never).value
  expect(['admin', 'business', 'guest'].map((role) => value('admin-dashboard', { roles: [role] }))).toEqual([
    true,
    true,
    false,
  ])
  const tenth = Array.from({ length: 2_000 }, (_, i) =>
    value('enhanced-analytics', { anonymousId: `a${i}` }),
  ).filter(Boolean).length
  expect(tenth / 2_000).toBeGreaterThan(0.08)
  expect(tenth / 2_000).toBeLessThan(0.12)
  expect([value('personalization-engine', {}), value('ab-testing-framework', {})]).toEqual([false, true])
})

it('says again what is there already without a new revision, and goes back by revert', async () => {
  await cli('flags', 'import', modules, ...data)
  const flags = JSON.parse((await cli('flags', 'list', '--json', ...data)).out)
  expect(Object.values<{ revision: number }>(flags).map(({ revision }) => revision)).toEqual([1, 1, 1, 1, 1])
  await cli('flags', 'revert', '1', ...data)
  expect(Object.keys(JSON.parse((await cli('flags', 'list', '--json', ...data)).out))).toEqual(['mine'])
})

it('writes the file of the site whole, with what a page can evaluate and nothing that people keep for themselves', async () => {
  const out = join(dir, 'flags.json')
  await cli(
    'flags',
    'import',
    file({ secret: { ...flag, description: 'the launch of May', createdBy: 'kim' } }),
    ...data,
  )
  const ran = await cli('flags', 'export', '--out', out, ...data)
  const config = JSON.parse(readFileSync(out, 'utf8')) as Config
  expect(ran.out).toContain(`version ${config.version}`)
  expect(Object.keys(config).sort()).toEqual(['experiments', 'flags', 'version'])
  expect(validate(config)).toEqual([])
  expect(readFileSync(out, 'utf8')).not.toMatch(/May|kim/)
  expect(readdirSync(dir).filter((name) => name.includes('part'))).toEqual([])
  expect(await cli('flags', 'export', '--out', join(dir, 'nowhere', 'flags.json'), ...data)).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be written'),
  })
  expect(JSON.parse((await cli('flags', 'export', '--environment', 'staging', ...data)).out)).toEqual({
    version: 'none',
    flags: {},
    experiments: {},
  })
})
