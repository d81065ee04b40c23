/** The phases of a rollout: each file is read, each switch does what it says, and off is as it was before. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { validate } from '@nunchi/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { everything } from '../../src/everything.ts'
import { rig, someBatch, someEvent } from '../../test/rig.ts'
import { readConfig } from './config.ts'
import { notThereYet, readFeatures, switches } from './features.ts'

const folder = join(import.meta.dirname, '../phases')
const phases = readdirSync(folder)
  .filter((name) => name.endsWith('.env'))
  .sort()
const variables = Object.values(switches).map(({ variable }) => variable)
const read = (name: string) => parseEnv(readFileSync(join(folder, name), 'utf8')) as Record<string, string>

/** What every route answers with these switches: the status of each. */
async function answers(env: Record<string, string>): Promise<{ [address: string]: number }> {
  const { features, insights } = readConfig({ DATABASE_URL: 'data', ...env })
  const made = await rig({ use: everything({ experiments: features.abTesting }), insights })
  onTestFinished(() => made.collector.close())
  const statuses: { [address: string]: number } = {}
  for (const address of [
    '/v1/config',
    '/v1/config/stream',
    '/v1/manage/flags',
    '/v1/insights/match/x',
    '/health/live',
    '/metrics',
    '/',
    '/nunchi.js',
  ]) {
    const response = await made.get(`${address}?key=${made.key}`)
    await response.body?.cancel()
    statuses[address] = response.status
  }
  statuses['/v1/events'] = (await made.post(someBatch([someEvent()]))).status
  const flags = new Request('https://collector.example/ofrep/v1/evaluate/flags', {
    method: 'POST',
    headers: { authorization: `Bearer ${made.key}` },
    body: '{}',
  })
  statuses['/ofrep'] = (await made.collector.fetch(flags)).status
  return statuses
}

describe('a switch', () => {
  it('that is neither true nor false is refused with a sentence', () => {
    expect(() =>
      readConfig({ DATABASE_URL: 'data', FEATURE_AI_INSIGHTS: 'yes', FEATURE_AB_TESTING: '1' }),
    ).toThrow(
      'FEATURE_AB_TESTING must be true or false, but is "1".\nFEATURE_AI_INSIGHTS must be true or false, but is "yes".',
    )
  })

  it('that is absent or empty is as the table says', () => {
    const features = readFeatures({ FEATURE_AB_TESTING: '' }, expect.fail)
    expect(features).toEqual({ abTesting: true, enhancedAuth: false, aiInsights: false, realTimeChat: false })
    expect(notThereYet(features)).toEqual([])
  })

  it('whose module is not part of this version is named, and changes no answer', async () => {
    const on = { FEATURE_ENHANCED_AUTH: 'true', FEATURE_REAL_TIME_CHAT: 'TRUE' }
    expect(notThereYet(readConfig({ DATABASE_URL: 'data', ...on }).features)).toEqual(Object.keys(on))
    expect(await answers(on)).toEqual(await answers({}))
  })
})

describe('the phases', () => {
  it('each say every switch, and each turns on one more than the one before', () => {
    expect(phases).toHaveLength(variables.length + 1)
    phases.forEach((name, i) => {
      const env = read(name)
      expect(Object.keys(env), name).toHaveLength(variables.length)
      expect(
        variables.map((variable) => env[variable]),
        name,
      ).toEqual(variables.map((_, n) => String(n < i)))
    })
  })

  it('switching flags and experiments off restores the answers of the phase before: collecting goes on', async () => {
    const [before, after] = [await answers(read(phases[0]!)), await answers(read(phases[1]!))]
    expect(before).toEqual({
      '/v1/config': 404,
      '/v1/config/stream': 404,
      '/v1/manage/flags': 404,
      '/v1/insights/match/x': 404,
      '/ofrep': 404,
      '/health/live': 200,
      '/metrics': 200,
      '/': after['/'],
      '/nunchi.js': 404,
      '/v1/events': 202,
    })
    expect(after).toMatchObject({
      '/v1/config': 200,
      '/v1/config/stream': 200,
      '/ofrep': 200,
      '/v1/manage/flags': 403,
      '/v1/events': 202,
    })
    expect(await answers(read(phases[0]!)), 'and back').toEqual(before)
    expect(await answers(read(phases[3]!)), 'there, for visitors with a token').toMatchObject({
      '/v1/insights/match/x': 403,
    })
  })

  it('are shown in the example, which names every variable that there is', () => {
    const text = readFileSync(join(import.meta.dirname, '.env.example'), 'utf8')
    for (const variable of [
      'DATABASE_URL',
      'PORT',
      'HOST',
      'TRUSTED_PROXIES',
      'LOG_LEVEL',
      'GROUP_COMMIT_MS',
      'COUNTRY',
      'VISITOR_IP',
      'METRICS_TOKEN',
      'SCRIPT_FILE',
      'NUNCHI_ALLOW_PRIVATE_HOSTS',
      'NUNCHI_AI_KEY',
      'NUNCHI_AI_MODEL',
      'NUNCHI_AI_URL',
      'NUNCHI_AI_DAILY_TOKENS',
      'NUNCHI_AI_ATTRIBUTES',
      'NUNCHI_AI_LIMIT_FIELD',
      ...variables,
    ])
      expect(text).toContain(`${variable}=`)
    expect(() =>
      readConfig({ ...parseEnv(text), DATABASE_URL: 'data' } as Record<string, string>),
    ).not.toThrow()
  })

  it('have module flags without a mistake', () => {
    const { flags } = JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8'))
    const revised = Object.fromEntries(
      Object.entries<object>(flags).map(([key, flag]) => [key, { ...flag, revision: 1 }]),
    )
    expect(validate({ flags: revised, experiments: {} })).toEqual([])
    expect(Object.keys(flags)).toEqual([
      'enhanced-analytics',
      'personalization-engine',
      'admin-dashboard',
      'ab-testing-framework',
    ])
  })
})
