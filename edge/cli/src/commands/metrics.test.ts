/** Metrics and results on a local database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { cli } from '../../test/in-process.ts'

let dir: string
let data: string[]
const file = (content: unknown): string => {
  const path = join(dir, 'metric.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
beforeAll(async () => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  dir = mkdtempSync(join(tmpdir(), 'nunchi-metrics-'))
  data = ['--data', join(dir, 'db')]
  await cli('migrate', 'up', ...data)
  await cli('keys', 'create', '--project', 'shop', ...data)
}, 60_000)
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

it('refuses a definition with mistakes, each by its path, and keeps nothing', async () => {
  const bad = await cli('metrics', 'set', 'a b', file({ name: 'Orders', kind: 'sum', source: {} }), ...data)
  expect(bad.code).toBe(1)
  for (const said of ['key: ', 'source: It needs an event', 'source.property: '])
    expect(bad.err).toContain(said)
  expect((await cli('metrics', 'list', ...data)).out).toContain('No metrics yet')
})

it('makes, lists, replaces and deletes metrics', async () => {
  const revenue = {
    name: 'Revenue per visitor',
    kind: 'sum',
    source: { event: 'Order Completed', property: 'revenue' },
  }
  expect((await cli('metrics', 'set', 'revenue', file(revenue), ...data)).out).toContain(
    'Made the metric revenue',
  )
  const guarded = { ...revenue, role: 'guardrail' }
  expect((await cli('metrics', 'set', 'revenue', file(guarded), ...data)).out).toContain(
    'Replaced the metric',
  )
  expect((await cli('metrics', 'list', ...data)).out).toMatch(
    /revenue +sum +guardrail +increase +Order Completed · revenue/,
  )
  expect(JSON.parse((await cli('metrics', 'list', '--json', ...data)).out)).toEqual([
    { key: 'revenue', definition: guarded },
  ])
  expect((await cli('metrics', 'delete', 'revenue', ...data)).code).toBe(0)
  const gone = await cli('metrics', 'delete', 'revenue', ...data)
  expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('no metric "revenue"')])
})

it('results of an experiment that never ran say so, and of none at all that there is none', async () => {
  const variants = [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ]
  await cli(
    'experiments',
    'create',
    'price',
    file({ name: 'Price', hypothesis: 'It sells more.', variants }),
    ...data,
  )
  expect((await cli('results', 'price', ...data)).out).toContain('has not been started')
  expect((await cli('results', 'price', '--language', 'ko', ...data)).out).toContain('시작하지 않은')
  expect(JSON.parse((await cli('results', 'price', '--json', ...data)).out)).toMatchObject({
    noResult: { code: 'never-ran' },
  })
  const none = await cli('results', 'colour', ...data)
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('no experiment "colour"')])
})
