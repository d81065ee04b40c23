/** Metrics, results and ramps by the command line. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cli } from '../../test/in-process.ts'
import { type QuickDatabase, quickDatabase } from '../../test/quick-database.ts'

let dir: string
let data: string[]
let database: QuickDatabase
const file = (content: unknown): string => {
  const path = join(dir, 'metric.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-metrics-'))
  database = await quickDatabase(dir)
  data = database.data
  await cli('keys', 'create', '--project', 'shop', ...data)
})
afterAll(async () => {
  await database?.drop()
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
  expect(await cli('results', 'price', ...data)).toMatchObject({
    err: '',
    out: expect.stringContaining('has not been started'),
  })
  expect((await cli('results', 'price', '--language', 'ko', '--dimension', 'os', ...data)).out).toContain(
    '시작하지 않은',
  )
  expect(JSON.parse((await cli('results', 'price', '--json', ...data)).out)).toMatchObject({
    noResult: { code: 'never-ran' },
  })
  const none = await cli('results', 'colour', ...data)
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('no experiment "colour"')])
})

it('ramps a flag: starts, shows, pauses and stops it, and says what is wrong', async () => {
  const ramps = (...words: string[]) => cli('ramps', ...words, ...data)
  const source = { event: 'Order Completed' }
  await cli('metrics', 'set', 'orders', file({ name: 'Orders', kind: 'conversion', source }), ...data)
  await cli('flags', 'set', 'checkout', file({ type: 'boolean', value: false }), ...data)
  const bad = await ramps('start', 'flag', 'checkout', '--steps', '50,10', '--guardrails', 'sales')
  expect([bad.code, bad.err]).toEqual([1, expect.stringContaining('steps[1].share')])
  const options = ['--steps', '10%,50,100', '--guardrails', 'orders', '--hours', '12', '--margin', '1%']
  const started = await ramps('start', 'flag', 'checkout', ...options)
  expect(started.out).toMatch(/checkout: running, 10%\. Begun/)
  expect(started.out).toContain('[10%] → 50% → 100%')
  expect(JSON.parse((await ramps('status', 'flag', 'checkout', '--json')).out)).toMatchObject({
    plan: { steps: [{ leastMs: 43_200_000 }, {}, {}], guardrails: [{ metric: 'orders', margin: 0.01 }] },
  })
  expect((await ramps('stop', 'flag', 'checkout')).out).toContain('stopped')
  expect((await ramps('resume', 'flag', 'checkout')).err).toContain('cannot become running')
  expect((await ramps('status')).out).toMatch(/flag +checkout +stopped +10%/)
})
