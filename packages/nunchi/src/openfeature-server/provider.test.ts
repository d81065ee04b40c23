import { type Config, publish } from '@nunchi/protocol'
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { rig } from '../../../../edge/collector/test/rig.ts'
import type { NunchiServer } from '../server.ts'
import { someConfig } from '../test/some-config.ts'
import { waitFor } from '../test/wait-for.ts'
import { type NunchiServerProviderOptions, nunchiServerProvider } from './provider.ts'

/** Everything that a config may say, as a project of its own would have it. */
const whole = (more: Partial<Config['flags']> = {}): Config => {
  const config = someConfig()
  return {
    ...config,
    flags: {
      ...config.flags,
      price: {
        type: 'number',
        value: 10,
        revision: 3,
        rules: [
          { id: 'mail', condition: { email: { $regex: '@shop\\.example$' } }, value: 0 },
          { id: 'all', value: 12 },
        ],
      },
      ...more,
    } as Config['flags'],
  }
}

type Answer = () => Response | Promise<Response>
let requests: { url: string; headers: { [name: string]: string } }[]
let answer: Answer
let recorded: Parameters<NunchiServer['track']>[0][]

const ok = (config: Config): Answer => {
  const tag = `"${config.version}"`
  return () =>
    requests.at(-1)!.headers['if-none-match'] === tag
      ? new Response(null, { status: 304 })
      : Response.json(config, { headers: { etag: tag } })
}

beforeEach(() => {
  requests = []
  recorded = []
  answer = ok(whole())
})
afterEach(async () => {
  await OpenFeature.clearProviders()
  OpenFeature.clearHandlers()
})

/** The real SDK over a collector that answers as the test says. */
async function open(options: Partial<NunchiServerProviderOptions> = {}) {
  const events: [string, unknown][] = []
  for (const event of Object.values(ProviderEvents))
    OpenFeature.addHandler(event, (told) => void events.push([event, told?.flagsChanged]))
  const provider = nunchiServerProvider({
    key: 'nk_pub_test',
    host: 'https://e.example/',
    refresh: 5,
    async fetch(url, init) {
      requests.push({ url, headers: init.headers as { [name: string]: string } })
      return answer()
    },
    events: {
      async track(event) {
        recorded.push(event)
        return { durable: false }
      },
    },
    ...options,
  })
  return { events, started: OpenFeature.setProviderAndWait(provider), flags: OpenFeature.getClient() }
}

describe('a flag on a server, through OpenFeature', () => {
  it('is decided in the process by all that a config may say', async () => {
    const { flags, started } = await open()
    await started
    expect(await flags.getNumberDetails('price', 1, { email: 'kim@shop.example' })).toMatchObject({
      value: 0,
      reason: 'TARGETING_MATCH',
      variant: 'mail',
    })
    expect(await flags.getNumberDetails('price', 1)).toMatchObject({
      value: 12,
      reason: 'DEFAULT',
      variant: 'all',
    })
    expect(await flags.getBooleanDetails('dark', false)).toMatchObject({ value: true, reason: 'STATIC' })
    expect(await flags.getStringDetails('dark', 'x')).toMatchObject({
      value: 'x',
      errorCode: 'TYPE_MISMATCH',
    })
    expect(await flags.getStringDetails('drak', 'x')).toMatchObject({
      value: 'x',
      errorCode: 'FLAG_NOT_FOUND',
    })
  })

  it('exposes each visitor once to each experiment that decided, and nobody who is not named', async () => {
    const { flags, started } = await open()
    await started
    for (const targetingKey of ['kim', 'kim', 'lee'])
      await flags.getObjectValue('layout', {}, { targetingKey, userId: `u-${targetingKey}` })
    await flags.getObjectValue('layout', {})
    expect(recorded.map(({ name, anonymousId, userId }) => [name, anonymousId, userId])).toEqual([
      ['Experiment Viewed', 'kim', 'u-kim'],
      ['Experiment Viewed', 'lee', 'u-lee'],
    ])
    expect(recorded[0]!.properties).toMatchObject({
      experiment: 'card-layout',
      revision: 2,
      configVersion: 'v1',
      attribute: 'anonymousId',
      unit: 'kim',
      rule: 'by-test',
      bucket: expect.any(Number),
    })
  })

  it('records nothing where nobody was given to record it', async () => {
    const { flags, started } = await open({ events: undefined as never })
    await started
    expect(await flags.getObjectDetails('layout', {}, { targetingKey: 'kim' })).toMatchObject({
      reason: 'SPLIT',
    })
    flags.track('Order', { targetingKey: 'kim' })
    expect(recorded).toEqual([])
  })
})

describe('track() on a server, through OpenFeature', () => {
  it('is a conversion of whom the context names', async () => {
    const { flags, started } = await open()
    await started
    flags.track('Order', { targetingKey: 'kim' }, { value: 3, step: 'paid', currency: 'KRW' })
    flags.track('Order', {}, { value: 3 })
    expect(recorded).toEqual([
      {
        name: 'Conversion Tracked',
        anonymousId: 'kim',
        properties: { metric: 'Order', value: 3, step: 'paid' },
      },
      { name: 'Order', anonymousId: 'kim', properties: { value: 3, step: 'paid', currency: 'KRW' } },
    ])
  })
})

describe('the config of a server', () => {
  it('is asked for with a public key in the address, with a server key in a header only', async () => {
    await (await open()).started
    expect(requests[0]).toEqual({ url: 'https://e.example/v1/config?key=nk_pub_test', headers: {} })
    await (await open({ key: 'nk_srv_secret' })).started
    expect(requests.find(({ headers }) => headers['authorization'])).toMatchObject({
      url: 'https://e.example/v1/config',
      headers: { authorization: 'Bearer nk_srv_secret' },
    })
    await (await open({ key: 'nk_srv_secret', config: 'https://cdn.example/flags.json' })).started
    expect(requests.find(({ url }) => url.includes('cdn'))).toEqual({
      url: 'https://cdn.example/flags.json',
      headers: {},
    })
  })

  it('is asked for by its ETag, one request at a time', async () => {
    let open_ = 0
    let most = 0
    const inner = answer
    answer = async () => {
      most = Math.max(most, ++open_)
      await new Promise((resolve) => setTimeout(resolve, 10))
      open_--
      return inner()
    }
    await (await open()).started
    await waitFor(() => expect(requests.length).toBeGreaterThan(2))
    expect(requests[1]!.headers['if-none-match']).toBe('"v1"')
    expect(most).toBe(1)
  })

  it('tells which flags it changes: those decided otherwise, also by experiments and flags that they ask for', async () => {
    const asks = {
      type: 'boolean',
      value: false,
      revision: 1,
      rules: [{ id: 'r', value: true, prerequisites: [{ flag: 'dark' }] }],
    } as const
    answer = ok(whole({ asks } as never))
    const { flags, started, events } = await open()
    await started
    const next = whole({ asks } as never)
    next.flags['dark']!.value = false
    next.experiments['card-layout']!.coverage = 10
    answer = ok({ ...next, version: 'v2' })
    await waitFor(() => expect(events).toHaveLength(2))
    expect(events[1]).toEqual(['PROVIDER_CONFIGURATION_CHANGED', ['dark', 'layout', 'asks']])
    expect(await flags.getBooleanValue('asks', true)).toBe(false)
  })

  it('that is lost stays in force: stale, and ready again with the next answer', async () => {
    const { flags, started, events } = await open()
    await started
    answer = () => Promise.reject(new Error('down'))
    await waitFor(() => expect(flags.providerStatus).toBe('STALE'))
    expect(await flags.getBooleanValue('dark', false)).toBe(true)
    answer = () => new Response('{"version":"v', { headers: { etag: '"v2"' } })
    await waitFor(() => expect(requests.length).toBeGreaterThan(4))
    expect(flags.providerStatus).toBe('STALE')
    answer = ok(whole())
    await waitFor(() => expect(flags.providerStatus).toBe('READY'))
    expect(events.map(([name]) => name)).toEqual(['PROVIDER_READY', 'PROVIDER_STALE', 'PROVIDER_READY'])
  })

  it.each([
    ['refuses the key', () => new Response('{}', { status: 401 }), /refuses the key \(401\).*config:read/],
    ['fails', () => new Response('', { status: 503 }), /answered 503/],
    ['is not reached', () => Promise.reject(new Error('ECONNREFUSED')), /not reached: ECONNREFUSED/],
    ['answers a login page', () => Response.json({ hello: 1 }), /no config/],
    ['does not answer', () => new Promise<Response>(() => {}), /within 20 ms/],
  ] as [string, Answer, RegExp][])(
    'that never came, where the collector %s, is an error with its reason; defaults hold',
    async (_, fail, words) => {
      answer = fail
      // What answers is given its time.
      const { flags, started } = await open(words.source.includes('20 ms') ? { timeout: 20 } : {})
      await expect(started).rejects.toThrow(words)
      expect(flags.providerStatus).toBe('ERROR')
      expect(await flags.getBooleanDetails('dark', false)).toMatchObject({
        value: false,
        reason: 'ERROR',
        errorCode: 'PROVIDER_NOT_READY',
      })
    },
  )

  it('that comes late makes the provider ready', async () => {
    answer = () => new Response('', { status: 503 })
    const { flags, started } = await open()
    await expect(started).rejects.toThrow()
    answer = ok(whole())
    await waitFor(() => expect(flags.providerStatus).toBe('READY'))
    expect(await flags.getBooleanValue('dark', false)).toBe(true)
  })

  it('is not asked for any more once the provider is closed', async () => {
    await (await open()).started
    await OpenFeature.clearProviders()
    const before = requests.length
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(requests.length).toBe(before)
  })

  it('comes from the collector itself, by a key of either kind', async () => {
    const made = await rig()
    onTestFinished(() => made.collector.close())
    const config = publish({
      flags: { dark: { type: 'boolean', value: true, revision: 1 } },
      experiments: {},
    })
    made.state.config = { number: 1, version: config.version, config }
    const reader = await made.addKey({ kind: 'srv', scopes: ['config:read'] })
    for (const key of [made.key, reader]) {
      const { flags, started } = await open({
        key,
        fetch: async (url, init) => {
          const response = await made.collector.fetch(new Request(url, init), {
            remoteAddress: '203.0.113.7',
          })
          requests.push({ url, headers: {}, ...{ status: response.status } })
          return response
        },
      })
      await started
      expect(await flags.getBooleanDetails('dark', false)).toMatchObject({
        value: true,
        flagMetadata: { configVersion: config.version },
      })
      await waitFor(() => expect(requests.map((one) => (one as { status?: number }).status)).toContain(304))
      requests.length = 0
    }
  })
})
