// @vitest-environment-options { "url": "https://shop.example/tea" }
import type { Config } from '@nunchi/protocol'
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { experiments } from '../plugins/experiments.ts'
import { someConfig, variants } from '../test/some-config.ts'
import { waitFor } from '../test/wait-for.ts'
import { createTestClient } from '../testing.ts'
import { type NunchiProviderOptions, nunchiProvider } from './provider.ts'

/** What the collector answers; `undefined` is no answer. */
let served: Config | undefined

beforeEach(() => {
  served = undefined
  // The SDK writes down every failure that its handlers hear of.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.stubGlobal('fetch', async () => {
    if (!served) throw new TypeError('no network')
    return Response.json(served)
  })
})
afterEach(async () => {
  await OpenFeature.clearProviders()
  await OpenFeature.clearContexts()
  OpenFeature.clearHandlers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const paid: Partial<Config['flags']> = {
  price: {
    type: 'number',
    value: 10,
    revision: 3,
    rules: [
      { id: 'pro', condition: { plan: 'pro' }, value: 5 },
      { id: 'half', rollout: { coverage: 1_000_000, attribute: 'plan' }, value: 7 },
    ],
  },
}
/** A flag of each kind, with a price that has rules. */
const ofMany = (): Config => {
  const config = someConfig()
  return { ...config, flags: { ...config.flags, ...paid } as Config['flags'] }
}

/** The real SDK, over a client whose page brought this config along. */
async function open(bootstrap: Config | null = ofMany(), options?: NunchiProviderOptions) {
  const client = createTestClient({
    use: [experiments({ bootstrap: bootstrap ?? undefined, stream: false, refresh: 0, timeout: 50 })],
    environment: { page: () => ({ url: 'https://shop.example/tea' }) },
  })
  const events: [string, unknown][] = []
  for (const event of Object.values(ProviderEvents))
    OpenFeature.addHandler(event, (told) => events.push([event, told?.flagsChanged]))
  const provider = nunchiProvider(client, options)
  const started = OpenFeature.setProviderAndWait(provider)
  return { client, events, provider, started, flags: OpenFeature.getClient() }
}

const named = (events: { name: string; properties?: unknown }[], name: string) =>
  events.filter((event) => event.name === name).map(({ properties }) => properties)

describe('a flag through OpenFeature', () => {
  it('is what the config says, with why', async () => {
    const config = ofMany()
    config.flags['dark']!.meta = { owner: 'kim', tags: ['look'], revision: 'not ours' }
    const { flags, started } = await open(config)
    await started
    expect(flags.getBooleanDetails('dark', false)).toMatchObject({
      value: true,
      reason: 'STATIC',
      flagMetadata: { owner: 'kim', configVersion: 'v1', revision: 1 },
    })
    expect(flags.getNumberDetails('price', 1)).toMatchObject({ value: 10, reason: 'DEFAULT' })
    await OpenFeature.setContext({ plan: 'pro' })
    expect(flags.getNumberDetails('price', 1)).toMatchObject({
      value: 5,
      reason: 'TARGETING_MATCH',
      variant: 'pro',
      flagMetadata: { rule: 'pro' },
    })
    await OpenFeature.setContext({ plan: 'free' })
    expect(flags.getNumberDetails('price', 1)).toMatchObject({ value: 7, reason: 'SPLIT', variant: 'half' })
  })

  it('that an experiment decides names its arm, and is exposed once however often it is read', async () => {
    const { client, flags, started } = await open()
    await started
    const { variant } = client.experiments.inspectExperiment('card-layout')
    for (const _ of [1, 2, 3])
      expect(flags.getObjectDetails('layout', {})).toMatchObject({
        value: { columns: variant === 'grid' ? 4 : 2 },
        reason: 'SPLIT',
        variant,
        flagMetadata: { experiment: 'card-layout', assigned: true, unit: client.anonymousId },
      })
    expect(named(client.events, 'Experiment Viewed')).toMatchObject([
      { experiment: 'card-layout', variant, configVersion: 'v1', rule: 'by-test' },
    ])
  })

  it('asked for as another type is the default, and exposes nobody', async () => {
    const { client, flags, started } = await open()
    await started
    expect(flags.getBooleanDetails('layout', true)).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: 'TYPE_MISMATCH',
    })
    expect(flags.getObjectDetails('limit', { a: 1 })).toMatchObject({
      value: { a: 1 },
      errorCode: 'TYPE_MISMATCH',
    })
    expect(client.events).toEqual([])
  })

  it('that nobody knows is the default', async () => {
    const { flags, started } = await open()
    await started
    expect(flags.getStringDetails('drak', 'blue')).toMatchObject({
      value: 'blue',
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
    })
  })

  it('that is null is the default, without being an error; falsy values are values', async () => {
    const config = ofMany()
    config.flags['zero'] = { type: 'number', value: 0, revision: 1 }
    config.flags['off'] = { type: 'boolean', value: true, enabled: false, revision: 1 }
    const { flags, started } = await open(config)
    await started
    expect(flags.getObjectDetails('empty', { columns: 9 })).toMatchObject({ value: { columns: 9 } })
    expect(flags.getObjectDetails('empty', {}).errorCode).toBeUndefined()
    expect(flags.getNumberDetails('zero', 4)).toMatchObject({ value: 0, reason: 'STATIC' })
    expect(flags.getBooleanDetails('off', true)).toMatchObject({ value: false, reason: 'DISABLED' })
  })

  it('that this page does not understand, or that asks for itself, is the default and says why', async () => {
    const config = ofMany()
    const rules = [{ id: 'r', value: 'b', prerequisites: [{ flag: 'round', gate: true }] }]
    config.flags['round'] = { type: 'string', value: 'a', revision: 1, rules }
    config.flags['newer'] = { type: 'string', value: 'a', revision: 1, rules: 'of another kind' as never }
    const { flags, started } = await open(config)
    await started
    for (const [key, why] of [
      ['round', 'cycle'],
      ['newer', 'unsupported'],
    ] as const)
      expect(flags.getStringDetails(key, 'c')).toMatchObject({
        value: 'c',
        reason: 'ERROR',
        errorCode: 'GENERAL',
        errorMessage: expect.stringContaining(why),
      })
  })
})

describe('the evaluation context', () => {
  it('adds attributes, dates as text, until the provider is closed; the visitor stays the client’s', async () => {
    const { client, flags, started } = await open()
    await started
    await OpenFeature.setContext({ targetingKey: 'somebody', since: new Date(0), plan: 'pro' })
    expect(flags.getNumberValue('price', 1)).toBe(5)
    expect(flags.getObjectDetails('layout', {}).flagMetadata).toMatchObject({ unit: client.anonymousId })
    await OpenFeature.clearProviders()
    expect(client.flag('price', 1)).toBe(10)
  })

  it('gives the targetingKey to experiments that name it, and stands for another id where it is told to', async () => {
    const config = ofMany()
    config.experiments['card-layout']!.attribute = 'targetingKey'
    config.experiments['mine'] = { status: 'running', revision: 1, variants: variants('a', 'b') }
    config.flags['mine'] = {
      type: 'string',
      value: 'none',
      revision: 1,
      rules: [{ id: 'r', experiment: 'mine' }],
    }
    for (const variant of config.experiments['mine']!.variants) variant.configuration = variant.key
    await OpenFeature.setContext({ targetingKey: 'somebody' })
    const first = await open(config)
    await first.started
    expect(first.flags.getObjectDetails('layout', {}).flagMetadata).toMatchObject({ unit: 'somebody' })
    const second = await open(config, { targetingKey: 'anonymousId' })
    await second.started
    expect(second.flags.getStringDetails('mine', '').flagMetadata).toMatchObject({
      attribute: 'anonymousId',
      unit: 'somebody',
    })
  })

  it('that is nothing JSON can hold is refused by an event, and the one before holds', async () => {
    const { flags, started, events } = await open()
    await started
    await OpenFeature.setContext({ plan: 'pro' })
    const round: { [name: string]: unknown } = {}
    round['self'] = round
    await OpenFeature.setContext(round as never)
    expect(events.map(([name]) => name)).toContain('PROVIDER_ERROR')
    expect(flags.getNumberValue('price', 1)).toBe(5)
  })
})

describe('the life of the provider', () => {
  it('begins in error without a config, answers defaults, and gets ready when one comes', async () => {
    const { client, flags, started, events } = await open(null)
    await expect(started).rejects.toThrow('no config came in time')
    expect(flags.providerStatus).toBe('ERROR')
    expect(flags.getBooleanDetails('dark', false)).toMatchObject({
      value: false,
      reason: 'ERROR',
      errorCode: 'PROVIDER_NOT_READY',
    })
    await OpenFeature.setContext({ plan: 'pro' })
    expect(flags.providerStatus, 'a context is no config').toBe('ERROR')
    served = ofMany()
    await client.experiments.refresh()
    await waitFor(() => expect(flags.providerStatus).toBe('READY'))
    expect(flags.getNumberValue('price', 0)).toBe(5)
    expect(new Set(events.map(([name]) => name))).not.toContain('PROVIDER_CONFIGURATION_CHANGED')
  })

  it('tells which flags a new config changes for this visitor, and of no other change', async () => {
    const { client, flags, started, events } = await open()
    await started
    events.length = 0
    const config = ofMany()
    config.flags['dark']!.value = false
    served = { ...config, version: 'v2' }
    await client.experiments.refresh()
    expect(flags.getBooleanValue('dark', true)).toBe(false)
    expect(events).toEqual([['PROVIDER_CONFIGURATION_CHANGED', ['dark']]])
    served = { ...served, version: 'v3' }
    await client.experiments.refresh()
    expect(events).toHaveLength(1)
  })

  it('hears of overrides and of who somebody is, but not of its own context', async () => {
    const { client, started, events } = await open()
    await started
    events.length = 0
    await OpenFeature.setContext({ plan: 'pro' })
    expect(events.map(([name]) => name)).toEqual(['PROVIDER_CONTEXT_CHANGED'])
    client.experiments.override({ flags: { limit: 9 } })
    expect(events.at(-1)).toEqual(['PROVIDER_CONFIGURATION_CHANGED', ['limit']])
  })

  it('is stale without a network, and ready once the collector has answered again', async () => {
    const { flags, started } = await open()
    await started
    dispatchEvent(new Event('offline'))
    expect(flags.providerStatus).toBe('STALE')
    expect(flags.getBooleanValue('dark', false)).toBe(true)
    dispatchEvent(new Event('online'))
    await new Promise((resolve) => setTimeout(resolve))
    expect(flags.providerStatus, 'the network is there, the collector is not').toBe('STALE')
    served = ofMany()
    dispatchEvent(new Event('online'))
    await waitFor(() => expect(flags.providerStatus).toBe('READY'))
  })

  it('leaves the client alone when it is closed, and can begin again', async () => {
    const { client, provider, started, events } = await open()
    await started
    await OpenFeature.clearProviders()
    events.length = 0
    client.experiments.override({ flags: { limit: 9 } })
    expect(events).toEqual([])
    await OpenFeature.setProviderAndWait(provider)
    client.experiments.override()
    expect(events.at(-1)).toEqual(['PROVIDER_CONFIGURATION_CHANGED', ['limit']])
  })
})

describe('track() through OpenFeature', () => {
  it('is a conversion, with its value and step; further details are an event of that name', async () => {
    const { client, flags, started } = await open()
    await started
    flags.track('Checkout Finished')
    flags.track('Order', { value: 39.5, step: 'paid', currency: 'KRW', at: new Date(0) })
    expect(named(client.events, 'Conversion Tracked')).toEqual([
      { metric: 'Checkout Finished' },
      { metric: 'Order', value: 39.5, step: 'paid' },
    ])
    expect(named(client.events, 'Order')).toEqual([
      { value: 39.5, step: 'paid', currency: 'KRW', at: '1970-01-01T00:00:00.000Z' },
    ])
    expect(named(client.events, 'Checkout Finished')).toEqual([])
  })
})
