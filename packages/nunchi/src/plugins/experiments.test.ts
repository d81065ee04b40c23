import { fullEvaluator } from '@nunchi/protocol'
import { describe, expect, it, vi } from 'vitest'
import { someConfig, variants } from '../test/some-config.ts'
import { createTestClient } from '../testing.ts'
import { type ExperimentsOptions, experiments } from './experiments.ts'
import { sampling } from './sampling.ts'

const open = (options: ExperimentsOptions = {}) =>
  createTestClient({ use: [experiments({ bootstrap: someConfig(), ...options })] })

type TestClient = ReturnType<typeof open>
const exposures = ({ events }: Pick<TestClient, 'events'>) =>
  events.filter(({ name }) => name === 'Experiment Viewed').map(({ properties }) => properties)
const codes = ({ problems }: Pick<TestClient, 'problems'>) => problems.map(([code]) => code)

describe('a flag', () => {
  it('is what the config says, on the client and under client.experiments', () => {
    const client = open()
    expect(client.flag('dark', false)).toBe(true)
    expect(client.experiments.flag('limit', 0)).toBe(3)
    expect(client.problems).toEqual([])
    expect(exposures(client)).toEqual([])
  })

  it('that the config does not know is its fallback, with a warning', () => {
    const client = open()
    expect(client.flag('drak', false)).toBe(false)
    expect(client.problems).toEqual([['flag_unknown', { flag: 'drak' }]])
  })

  it('is its fallback without a warning while there is no config', () => {
    const client = open({ bootstrap: undefined })
    expect(client.flag('dark', false)).toBe(false)
    expect(client.experiment('card-layout', 'control')).toEqual({
      experiment: 'card-layout',
      variant: 'control',
      value: null,
      isInExperiment: false,
      reason: 'unknown',
    })
    expect(client.problems).toEqual([])
  })

  it('of another type than its fallback is the fallback, with a warning; an empty one without', () => {
    const client = open()
    expect(client.flag('limit', 'three')).toBe('three')
    expect(codes(client)).toEqual(['flag_type'])
    expect(client.flag('empty', { columns: 9 })).toEqual({ columns: 9 })
    expect(client.flag('limit', null)).toBe(3)
    expect(codes(client)).toEqual(['flag_type'])
  })

  it('that an experiment decides is an exposure', async () => {
    const client = open()
    const { columns } = client.flag('layout', { columns: 0 })
    const { variant, bucket } = client.experiments.inspectExperiment('card-layout')
    expect(columns).toBe(variant === 'grid' ? 4 : 2)
    expect(exposures(client)).toEqual([
      {
        experiment: 'card-layout',
        variant,
        revision: 2,
        configVersion: 'v1',
        attribute: 'anonymousId',
        unit: client.anonymousId,
        rule: 'by-test',
        bucket,
      },
    ])
  })
})

describe('an experiment', () => {
  it('is exposed once, however often it is read, and again for another visitor', async () => {
    const client = open()
    for (let i = 0; i < 3; i++) {
      client.experiment('card-layout')
      client.flag('layout', {})
      await client.flush()
    }
    expect(exposures(client)).toHaveLength(1)
    client.reset()
    client.experiment('card-layout')
    expect(exposures(client)).toHaveLength(2)
    expect(new Set(exposures(client).map((one) => one!['unit'])).size).toBe(2)
  })

  it('is not exposed by inspecting it, and inspecting gives the same object', () => {
    const client = open()
    const { inspectFlag, inspectExperiment } = client.experiments
    expect(inspectFlag('layout')).toBe(inspectFlag('layout'))
    expect(inspectExperiment('card-layout')).toBe(inspectExperiment('card-layout'))
    expect(client.events).toEqual([])
  })

  it('that is not running or not known is no exposure', () => {
    const client = open()
    expect(client.experiment('old')).toMatchObject({ variant: 'b', isInExperiment: true, reason: 'winner' })
    expect(client.experiment('nope')).toMatchObject({ variant: '', isInExperiment: false })
    expect(client.events).toEqual([])
    expect(client.problems).toEqual([['experiment_unknown', { experiment: 'nope' }]])
  })

  it('by a person is another unit once somebody signs in; before, its fallback', () => {
    const { version, flags, experiments } = someConfig()
    const byPerson = { ...experiments['card-layout']!, attribute: 'userId', fallback: 'anonymousId' }
    const client = open({ bootstrap: { version, flags, experiments: { 'card-layout': byPerson } } })
    client.experiment('card-layout')
    client.identify('person-7')
    client.experiment('card-layout')
    expect(exposures(client)).toMatchObject([
      { attribute: 'anonymousId', unit: client.anonymousId },
      { attribute: 'userId', unit: 'person-7' },
    ])
  })

  it('stays the same variant for whoever signs in, where it is by the visitor', () => {
    const client = open()
    const { variant } = client.experiment('card-layout')
    client.identify('person-7')
    expect(client.experiment('card-layout').variant).toBe(variant)
    expect(exposures(client)).toHaveLength(1)
  })

  it('and the ones that its flag depends on are exposures, too', () => {
    const config = someConfig()
    config.flags['gated'] = {
      type: 'string',
      value: 'off',
      revision: 1,
      rules: [
        {
          id: 'r',
          value: 'on',
          prerequisites: [{ flag: 'layout', condition: { 'value.columns': { $exists: true } } }],
        },
      ],
    }
    const client = open({ bootstrap: config })
    expect(client.flag('gated', '')).toBe('on')
    expect(exposures(client)).toMatchObject([{ experiment: 'card-layout' }])
    expect(exposures(client)[0]).not.toHaveProperty('rule')
  })
})

describe('every event', () => {
  it('says which variants its visitor has seen, and the step', async () => {
    const client = open()
    client.track('before')
    const { variant } = client.experiment('card-layout')
    client.track('after')
    await client.trackConversion('purchase', 39.5, { step: 'paid' })
    client.track('later')
    const said = { experiments: { 'card-layout': variant }, revisions: { 'card-layout': 2 } }
    expect(client.events.map(({ name, experimentContext }) => [name, experimentContext])).toEqual([
      ['before', undefined],
      ['Experiment Viewed', said],
      ['after', said],
      ['Conversion Tracked', { ...said, step: 'paid' }],
      ['later', { ...said, step: 'paid' }],
    ])
  })

  it('says at most twenty of them, those seen last', () => {
    const keys = Array.from({ length: 25 }, (_, i) => `e${i}`)
    const all = keys.map((key) => [key, { status: 'running', revision: 1, variants: variants('a', 'b') }])
    const client = open({ bootstrap: someConfig({ experiments: Object.fromEntries(all), flags: {} }) })
    for (const key of keys) client.experiment(key)
    client.track('last')
    expect(Object.keys(client.events.at(-1)!.experimentContext!['experiments']!)).toEqual(keys.slice(5))
  })

  it('keeps the context that somebody else gave it', () => {
    const mine = {
      name: 'mine',
      setup: ({ on }: import('../plugin.ts').PluginContext) =>
        on('event', (event) => {
          event.experimentContext = { mine: 1 }
        }),
    }
    const client = createTestClient({ use: [mine, experiments({ bootstrap: someConfig() })] })
    client.experiment('card-layout')
    client.track('x')
    expect(client.events.at(-1)!.experimentContext).toMatchObject({ mine: 1, experiments: {} })
  })
})

describe('trackConversion', () => {
  it('records metric, value and step', async () => {
    const client = open()
    await client.experiments.trackConversion('purchase', 39.5, { step: 'paid' })
    await client.trackConversion('signup')
    expect(client.events.map(({ name, properties }) => [name, properties])).toEqual([
      ['Conversion Tracked', { metric: 'purchase', value: 39.5, step: 'paid' }],
      ['Conversion Tracked', { metric: 'signup' }],
    ])
  })

  it.each([
    ['', undefined, 'metric'],
    [7, undefined, 'metric'],
    ['m', Number.NaN, 'value'],
    ['m', Number.POSITIVE_INFINITY, 'value'],
    ['m', '3', 'value'],
  ])('%s with %s leaves out what cannot be recorded, and says so', async (metric, value, wrong) => {
    const client = open()
    await client.trackConversion(metric as string, value as number)
    expect(client.problems).toEqual([['input_invalid', `trackConversion(): ${wrong}`]])
    expect(client.events).toHaveLength(wrong === 'metric' ? 0 : 1)
  })

  it('and exposures survive sampling', () => {
    const client = createTestClient({
      use: [sampling({ rate: 0 }), experiments({ bootstrap: someConfig() })],
    })
    client.experiment('card-layout')
    client.trackConversion('purchase')
    client.track('sampled')
    client.page('sampled')
    expect(client.events.map(({ name }) => name)).toEqual(['Experiment Viewed', 'Conversion Tracked'])
  })
})

describe('overrides', () => {
  it('hold whatever the config says, and are marked', () => {
    const client = open({ overrides: { flags: { dark: false }, experiments: { 'card-layout': 'grid' } } })
    expect(client.flag('dark', true)).toBe(false)
    expect(client.experiment('card-layout')).toMatchObject({ variant: 'grid', reason: 'override' })
    expect(client.flag('layout', {})).toEqual({ columns: 4 })
    client.track('x')
    expect(exposures(client)).toMatchObject([{ variant: 'grid', overridden: true }])
    expect(client.events.at(-1)!.experimentContext).toMatchObject({ overridden: ['card-layout'] })
  })

  it('come and go by override(), and listeners hear it', () => {
    const client = open()
    const heard = vi.fn()
    const stop = client.experiments.onChange(heard)
    const { variant } = client.experiment('card-layout')
    const other = variant === 'grid' ? 'control' : 'grid'
    client.experiments.override({ experiments: { 'card-layout': other } })
    expect(client.experiment('card-layout').variant).toBe(other)
    expect(client.experiments.overrides).toEqual({ flags: {}, experiments: { 'card-layout': other } })
    client.experiments.override()
    expect(client.experiment('card-layout').variant).toBe(variant)
    expect(heard).toHaveBeenCalledTimes(2)
    stop()
    client.experiments.override({})
    expect(heard).toHaveBeenCalledTimes(2)
  })

  it('need no config: a test or a story names what it wants', () => {
    const client = open({
      bootstrap: undefined,
      config: false,
      overrides: { flags: { dark: true }, experiments: { 'card-layout': 'grid' } },
    })
    expect(client.flag('dark', false)).toBe(true)
    expect(client.experiment('card-layout')).toMatchObject({ variant: 'grid', isInExperiment: true })
    expect(client.experiments.inspectExperiment('card-layout').variant).toBe('grid')
    expect(exposures(client)).toMatchObject([{ variant: 'grid', overridden: true }])
    expect(client.problems).toEqual([])
  })

  it('leave the control to who asks for a variant that is not there', () => {
    const client = open({ overrides: { experiments: { 'card-layout': 'nope' } } })
    expect(client.experiment('card-layout')).toMatchObject({ variant: 'control', isInExperiment: false })
    expect(client.events).toEqual([])
  })
})

describe('attributes', () => {
  const gated = (condition: object) =>
    someConfig({
      flags: {
        beta: {
          type: 'boolean',
          value: false,
          revision: 1,
          rules: [{ id: 'r', value: true, condition: condition as never }],
        },
      },
    })

  it('are the ids, and what the site says, at each evaluation anew', () => {
    let plan = 'free'
    const client = open({
      bootstrap: gated({ plan: 'pro', userId: { $exists: true } }),
      attributes: () => ({ plan }),
    })
    expect(client.flag('beta', false)).toBe(false)
    plan = 'pro'
    expect(client.flag('beta', false)).toBe(false)
    client.identify('p')
    expect(client.flag('beta', false)).toBe(true)
  })

  it('that throw or make no sense cost nobody but themselves', () => {
    const client = open({
      bootstrap: gated({ plan: 'pro' }),
      attributes: () => {
        throw new Error('theirs')
      },
    })
    expect(client.flag('beta', true)).toBe(false)
    expect(codes(client)).toEqual(['plugin_failed'])
    const strange = open({ bootstrap: gated({ plan: { $lt: 3 } }), attributes: { plan: 3n as never } })
    expect(() => strange.flag('beta', true)).not.toThrow()
    const odd = open({ bootstrap: gated({ plan: { $lt: 3 } }), attributes: { plan: Symbol('x') as never } })
    expect(() => odd.flag('beta', true)).not.toThrow()
  })

  it('name the page where there is one', () => {
    const page = () => ({ url: 'https://shop.example/lamps?x=1#top' })
    const client = createTestClient({
      use: [experiments({ bootstrap: gated({ path: '/lamps' }) })],
      environment: { page },
    })
    expect(client.flag('beta', false)).toBe(true)
  })
})

describe('a config', () => {
  it.each([
    null,
    3,
    'half',
    [],
    {},
    { version: 'v' },
    { version: 'v', flags: null, experiments: {} },
    { version: 1, flags: {}, experiments: {} },
  ])('that is %j is none', async (bootstrap) => {
    const client = open({ bootstrap: bootstrap as never })
    expect(client.flag('dark', false)).toBe(false)
    expect(await client.experiments.ready).toBe(false)
    expect(client.experiments.config).toBeUndefined()
    expect(codes(client)).toEqual(bootstrap === null ? [] : ['option_invalid'])
  })

  it('with a broken part is good for the rest', () => {
    const flags = { ...someConfig().flags, broken: null, worse: { rules: 7 } } as never
    const client = open({ bootstrap: someConfig({ flags, experiments: { bad: null, worse: 3 } as never }) })
    expect(client.flag('dark', false)).toBe(true)
    expect(client.flag('broken', 'x')).toBe('x')
    expect(client.experiment('bad', 'c' as never).variant).toBe('c')
    expect(codes(client)).toContain('config_unsupported')
  })

  it('that asks for more than the core is passed over by name, unless the full evaluator is there', () => {
    const bootstrap = someConfig()
    bootstrap.flags['beta'] = {
      type: 'boolean',
      value: false,
      revision: 1,
      rules: [{ id: 'r', value: true, condition: { plan: { $regex: '^p' } } }],
    }
    const attributes = { plan: 'pro' }
    const client = open({ bootstrap, attributes })
    expect(client.flag('beta', false)).toBe(false)
    expect(client.problems).toEqual([['config_unsupported', ['flags.beta.rules.r: $regex']]])
    const full = open({ bootstrap, attributes, evaluator: fullEvaluator })
    expect(full.flag('beta', false)).toBe(true)
    expect(full.problems).toEqual([])
  })

  it('is there at once where the page brought it along', async () => {
    const client = open()
    expect(client.experiments.loading).toBe(false)
    expect(await client.experiments.ready).toBe(true)
    expect(client.experiments.config?.version).toBe('v1')
  })

  it('is waited for no longer than the client lives', async () => {
    vi.stubGlobal('document', { visibilityState: 'hidden' })
    vi.stubGlobal('location', { search: '' })
    const hanging = vi.fn(() => new Promise(() => {}))
    vi.stubGlobal('fetch', hanging)
    const client = open({ bootstrap: undefined, timeout: 60_000 })
    expect(client.experiments.loading).toBe(true)
    await client.close()
    expect(await client.experiments.ready).toBe(false)
    expect(client.experiments.loading).toBe(false)
    expect(hanging).toHaveBeenCalledTimes(1)
    vi.unstubAllGlobals()
  })
})
