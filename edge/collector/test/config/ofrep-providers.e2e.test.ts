/** OpenFeature's own OFREP providers against the real collector: the web one in Chromium and Node, the server's in Node. */

import type { ConfigDefinition } from '@nunchi/protocol'
import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'
import { OpenFeature as Server } from '@openfeature/server-sdk'
import { type Provider, ProviderEvents, ProviderStatus, OpenFeature as Web } from '@openfeature/web-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumHint } from '../../../../scripts/lib/chromium.ts'
import { type Serving, serveCollector } from '../../deploy/node/index.ts'
import { switchFlags } from '../../src/manage/flags.ts'
import { ownerGateway } from '../../src/manage/gateway.ts'
import { type Gateway, publishChange } from '../../src/manage/publisher.ts'
import { openRiver, type River } from '../security/river.ts'
import { type Browsing, openBrowsing } from './browsing.ts'

const definition: ConfigDefinition = {
  flags: {
    checkout: {
      type: 'boolean',
      value: false,
      revision: 1,
      rules: [{ id: 'kr', value: true, condition: { country: 'KR' } }],
    },
    greeting: { type: 'string', value: '안녕', revision: 1 },
    limit: { type: 'number', value: 2.5, revision: 1 },
    theme: {
      type: 'json',
      value: { dark: false },
      revision: 3,
      rules: [{ id: 'test', experiment: 'dark' }],
    },
  },
  experiments: {
    dark: {
      name: 'Dark',
      hypothesis: 'People read longer in the dark.',
      status: 'running',
      revision: 1,
      variants: [
        { key: 'light', weight: 0, isControl: true, configuration: { dark: false } },
        { key: 'dark', weight: 1_000_000, configuration: { dark: true } },
      ],
    },
  },
}

let river: River
let serving: Serving
let gateway: Gateway
let browsing: Browsing | undefined

beforeAll(async () => {
  ;[river, browsing] = await Promise.all([openRiver(), openBrowsing()])
  serving = await serveCollector({ collector: river.collector, port: 0 })
  gateway = ownerGateway(river.owner, { projectId: river.projectId, environment: 'production' }, 'test')
}, 120_000)
afterAll(async () => {
  await browsing?.close()
  await serving?.close(0)
  await river?.close()
})
beforeEach(async () => {
  await publishChange(gateway, () => ({
    definition,
    reason: 'test',
    subject: 'config',
    before: null,
    after: null,
  }))
  await expect
    .poll(async () => (await fetch(`${serving.url}/v1/config?key=${river.key}`)).text(), { timeout: 30_000 })
    .not.toContain('"enabled":false')
})
afterEach(() => expect(browsing?.errors ?? []).toEqual([]))
const disable = () => publishChange(gateway, switchFlags('checkout', false))

const authorized = (key: string) => ({
  baseUrl: serving.url,
  headers: [['Authorization', `Bearer ${key}`]] as [string, string][],
})

describe('the server provider', () => {
  afterEach(() => Server.clearProviders())
  const client = async (key: string) => {
    await Server.setProviderAndWait(new OFREPProvider(authorized(key)))
    return Server.getClient()
  }

  it('is told which flag there is not, of another type, or by a key that may not', async () => {
    const flags = await client(await river.addKey(river.projectId, 'srv'))
    expect(await flags.getBooleanDetails('chekout', true)).toMatchObject({
      value: true,
      errorCode: 'FLAG_NOT_FOUND',
    })
    expect(await flags.getBooleanDetails('greeting', true)).toMatchObject({
      value: true,
      errorCode: 'TYPE_MISMATCH',
    })
    const stranger = await client('nk_srv_nobody')
    expect(await stranger.getBooleanDetails('checkout', false)).toMatchObject({
      value: false,
      reason: 'ERROR',
    })
  })

  it('gets every type, with reason, variant and metadata, of the context it sends', async () => {
    const flags = await client(await river.addKey(river.projectId, 'srv'))
    const context = { targetingKey: 'a1', country: 'KR' }
    expect(await flags.getBooleanDetails('checkout', false, context)).toMatchObject({
      value: true,
      reason: 'TARGETING_MATCH',
      variant: 'kr',
      flagMetadata: { revision: 1, rule: 'kr' },
    })
    expect(await flags.getBooleanValue('checkout', true, { targetingKey: 'a1', country: 'JP' })).toBe(false)
    expect(await flags.getStringValue('greeting', '', context)).toBe('안녕')
    expect(await flags.getNumberValue('limit', 0, context)).toBe(2.5)
    expect(await flags.getObjectDetails('theme', {}, context)).toMatchObject({
      value: { dark: true },
      reason: 'SPLIT',
      variant: 'dark',
      flagMetadata: {
        experiment: 'dark',
        experimentRevision: 1,
        assigned: true,
        attribute: 'anonymousId',
        unit: 'a1',
      },
    })
  })
})

describe('the web provider in Node', () => {
  afterEach(() => Web.clearProviders())

  it('is in error with a key that is unknown', async () => {
    const provider = new OFREPWebProvider({ ...authorized('nk_pub_nobody'), cacheMode: 'disabled' })
    await expect(Web.setProviderAndWait(provider as Provider)).rejects.toThrow()
    expect(Web.getClient().providerStatus).toBe(ProviderStatus.FATAL)
  })

  it('polls with the tag it has, hears nothing while nothing changes, and of each change once', async () => {
    const told: { status: number; tag: string | null }[] = []
    const watched: typeof fetch = async (input, init) => {
      const asked = input as Request
      const response = await fetch(asked, init)
      told.push({ status: response.status, tag: asked.headers.get('if-none-match') })
      return response
    }
    const provider = new OFREPWebProvider({
      ...authorized(river.key),
      pollInterval: 50,
      changeDetection: 'polling',
      cacheMode: 'disabled',
      fetchImplementation: watched,
    })
    await Web.setContext({ targetingKey: 'a1', country: 'KR' })
    await Web.setProviderAndWait(provider as Provider)
    const client = Web.getClient()
    const changes: (string[] | undefined)[] = []
    client.addHandler(ProviderEvents.ConfigurationChanged, (event) => {
      changes.push(event?.flagsChanged)
    })
    expect(client.getBooleanValue('checkout', false)).toBe(true)
    await expect
      .poll(() => told.filter(({ status }) => status === 304).length, { timeout: 30_000 })
      .toBeGreaterThan(2)
    expect(told[0]).toEqual({ status: 200, tag: null })
    expect(told[1]?.tag).toMatch(/^"[\da-f]+"$/)
    expect(changes).toEqual([])
    await disable()
    await expect.poll(() => client.getBooleanValue('checkout', true), { timeout: 30_000 }).toBe(false)
    await expect.poll(() => changes).toHaveLength(1)
    expect(changes[0]).toContain('checkout')
    await Web.setContext({ targetingKey: 'a1', country: 'JP' })
    expect(client.getObjectValue('theme', {})).toEqual({ dark: true })
  })
})

describe('the web provider in Chromium', () => {
  beforeEach(({ skip }) => {
    if (!browsing) skip(chromiumHint)
  })

  it('reads flags from another origin, and hears of a disabled one by the stream', async () => {
    const page = await browsing!.open('ofrep', river.key, serving.url)
    expect(await page.evaluate('heard')).toEqual(['PROVIDER_READY true'])
    await disable()
    await page.waitForFunction('heard.length > 1')
    expect(await page.evaluate('heard')).toEqual([
      'PROVIDER_READY true',
      'PROVIDER_CONFIGURATION_CHANGED false',
    ])
    expect(await page.evaluate(`client.getStringValue('greeting', '')`)).toBe('안녕')
    await page.context().close()
  })
})
