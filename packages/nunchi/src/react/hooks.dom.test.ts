import type { Config } from '@nunchi/protocol'
import { act, createElement as h, type ReactNode, StrictMode, Suspense, useState } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { experiments } from '../plugins/experiments.ts'
import { createTestClient } from '../testing.ts'
import {
  Experiment,
  NunchiProvider,
  useExperiment,
  useFlag,
  useNunchi,
  useSuspenseFlag,
  useTrack,
} from './index.development.ts'
import { createFixedClient, NunchiTestProvider } from './testing.ts'

const config = (version: string, colour = 'blue', size = 1): Config => ({
  version,
  flags: {
    colour: { type: 'string', value: colour, revision: 1 },
    size: { type: 'number', value: size, revision: 1 },
    columns: { type: 'number', value: 1, revision: 1, rules: [{ id: 'r', experiment: 'cards' }] },
  },
  experiments: {
    cards: {
      status: 'running',
      revision: 1,
      variants: [
        { key: 'control', weight: 0, isControl: true, configuration: 2 },
        { key: 'grid', weight: 1_000_000, configuration: 4 },
      ],
    },
  },
})

let said: unknown[][]
const roots: Root[] = []
let place: HTMLElement

beforeEach(() => {
  ;(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true
  said = []
  for (const level of ['error', 'warn'] as const)
    vi.spyOn(console, level).mockImplementation((...line) => {
      // The simulated page has no IndexedDB.
      if (!`${line[0]}`.includes('IndexedDB')) said.push(line)
    })
  place = document.body.appendChild(document.createElement('div'))
})
afterEach(async () => {
  await act(async () => {
    for (const root of roots.splice(0)) root.unmount()
  })
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
  localStorage.clear()
})

/** The collector's config is what a test puts here. */
let serve: (taken: unknown) => void
const client = (bootstrap?: Config) => {
  vi.stubGlobal(
    'fetch',
    () =>
      new Promise((resolve) => {
        serve = (answer) => resolve(new Response(JSON.stringify(answer)))
      }),
  )
  return createTestClient({ use: [experiments({ bootstrap, stream: false, link: false, refresh: 0 })] })
}
const exposures = ({ events }: { events: { name: string }[] }) =>
  events.filter(({ name }) => name === 'Experiment Viewed').length

async function show(what: ReactNode, root = createRoot(place)): Promise<Root> {
  roots.push(root)
  await act(async () => root.render(what))
  return root
}

let renders: { [name: string]: number } = {}
const count = (name: string) => {
  renders[name] = (renders[name] ?? 0) + 1
}
const Colour = () => {
  count('colour')
  return h('b', null, useFlag('colour', 'none'))
}
const Size = () => {
  count('size')
  return h('i', null, useFlag('size', 0))
}
const Cards = () => {
  count('cards')
  const { variant, loading, isInExperiment } = useExperiment('cards')
  return h('p', null, loading ? 'loading' : `${variant} ${isInExperiment}`)
}

const Unknown = () => h('b', null, `${useFlag('nope', 'mine')} ${useFlag('size', 'large')}`)
const Waits = () => h('b', null, useSuspenseFlag('colour', 'none'))
const steady = new Set<unknown>()
const Buy = () => {
  const track = useTrack()
  const { trackConversion } = useExperiment('cards')
  const [bought, buy] = useState(0)
  steady.add(track).add(trackConversion)
  const onClick = () => {
    track('Product Added', { sku: 'lamp' })
    trackConversion('Order Completed', 39, { step: 'paid' })
    buy(bought + 1)
  }
  return h('button', { type: 'button', onClick }, `${bought}`)
}
const Alone = () => {
  const nunchi = useNunchi()
  useTrack()('Nothing')
  const { variant } = useExperiment('cards')
  return h('b', null, `${useFlag('colour', 'none')} ${variant} ${typeof nunchi.identify}`)
}
const Hero = () => h(Experiment, { name: 'hero', variants: { bold: 'Bold!' }, fallback: 'Plain' })
const Page = () => h('div', null, h(Colour), h(Hero))

describe('a component', () => {
  beforeEach(() => {
    renders = {}
  })

  it('shows the variant at its first render, and the exposure is recorded once, under StrictMode and mounted again', async () => {
    const nunchi = client(config('v1'))
    const tree = (key: number) =>
      h(
        StrictMode,
        null,
        h(NunchiProvider, { client: nunchi }, h(Cards, { key }), h(Cards), h(Experiment, { name: 'cards' })),
      )
    const root = await show(tree(1))
    expect(place.textContent).toBe('grid truegrid true')
    await show(tree(2), root)
    await show(h(StrictMode, null, h(NunchiProvider, { client: nunchi }, h(Cards, { key: 3 }))), root)
    expect(exposures(nunchi)).toBe(1)
    expect(said).toEqual([])
  })

  it('renders again when what it reads is another, and only then', async () => {
    const nunchi = client()
    await show(h(NunchiProvider, { client: nunchi }, h(Colour), h(Size), h(Cards)))
    expect(place.textContent).toBe('none0loading')
    await act(async () => serve(config('v1')))
    expect(place.textContent).toBe('blue1grid true')
    expect(renders).toEqual({ colour: 2, size: 2, cards: 2 })
    await act(async () => {
      const asked = nunchi.experiments.refresh()
      serve(config('v2', 'red'))
      await asked
    })
    expect(place.textContent).toBe('red1grid true')
    await act(async () => {
      await nunchi.identify('u1')
      nunchi.page()
    })
    expect(renders).toEqual({ colour: 3, size: 2, cards: 2 })
    expect(said).toEqual([])
  })

  it('gets the fallback of an unknown flag, with one warning, and of one of another type', async () => {
    const nunchi = client(config('v1'))
    await show(h(NunchiProvider, { client: nunchi }, h(Unknown), h(Unknown)))
    expect(place.textContent).toBe('mine largemine large')
    expect(nunchi.problems.map(([code]) => code)).toContain('flag_unknown')
    expect(nunchi.problems.map(([code]) => code)).toContain('flag_type')
  })

  it('waits in Suspense for a flag, and is there when the config is', async () => {
    const nunchi = client()
    await show(h(NunchiProvider, { client: nunchi }, h(Suspense, { fallback: 'waiting' }, h(Waits))))
    expect(place.textContent).toBe('waiting')
    await act(async () => serve(config('v1')))
    expect(place.textContent).toBe('blue')
    expect(said).toEqual([])
  })

  it('waits also where the provider itself is inside Suspense', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('fetch', () => new Promise(() => {}))
    const options = { key: 'nk_pub_inside', host: 'http://e.invalid', name: 'inside' }
    await show(
      h(
        Suspense,
        { fallback: 'waiting' },
        h(NunchiProvider, { options, experiments: { timeout: 20, stream: false } }, h(Waits)),
      ),
    )
    expect(place.textContent).toBe('waiting')
    await act(() => vi.advanceTimersByTimeAsync(20))
    expect(place.textContent).toBe('none')
  })

  it('tracks and converts by functions that stay the same', async () => {
    const nunchi = client(config('v1'))
    await show(h(NunchiProvider, { client: nunchi }, h(Buy)))
    await act(async () => place.querySelector('button')!.click())
    expect(place.textContent).toBe('1')
    expect(steady.size).toBe(2)
    expect(nunchi.events.map(({ name }) => name)).toEqual([
      'Experiment Viewed',
      'Product Added',
      'Conversion Tracked',
    ])
  })

  it('without a provider gets fallbacks, a client that records nothing, and one warning', async () => {
    await show(h('div', null, h(Alone), h(Alone)))
    expect(place.textContent).toBe('none  functionnone  function')
    expect(said.map(([text]) => text)).toEqual(['nunchi: provider_missing'])
  })

  it('without experiments() gets fallbacks, and one sentence', async () => {
    const nunchi = createTestClient()
    await show(h(NunchiProvider, { client: nunchi }, h(Colour), h(Cards)))
    expect(place.textContent).toBe('none false')
    expect(said.map(([text]) => text)).toEqual([expect.stringContaining('option')])
  })
})

describe('the options of a provider', () => {
  it('make one client under StrictMode, and close it when nobody uses it any more', async () => {
    vi.useFakeTimers()
    const made: string[] = []
    const closed: string[] = []
    const watcher = {
      name: 'watcher',
      setup({
        client,
        on,
      }: {
        client: { anonymousId: string }
        on: (name: 'close', hook: () => void) => unknown
      }) {
        made.push(client.anonymousId)
        on('close', () => closed.push(client.anonymousId))
      },
    }
    const options = {
      key: 'nk_pub_strict',
      host: 'http://e.invalid',
      name: 'strict',
      use: [watcher as never],
    }
    const tree = h(
      StrictMode,
      null,
      h(NunchiProvider, { options, experiments: { config: false } }, h(Colour)),
    )
    const root = await show(tree)
    await show(h('hr'), root)
    await show(tree, root)
    await vi.advanceTimersByTimeAsync(2000)
    expect([made.length, closed.length]).toEqual([1, 0])
    await show(h('hr'), root)
    await vi.advanceTimersByTimeAsync(2000)
    expect([made.length, closed.length]).toEqual([1, 1])
  })

  it('without any give fallbacks and a sentence', async () => {
    await show(h(NunchiProvider, { experiments: { config: false } }, h(Colour)))
    expect(place.textContent).toBe('none')
    expect(said.map(([text]) => text)).toEqual([expect.stringContaining('no public key')])
  })
})

describe('a page that a server has rendered', () => {
  const bootstrap = { config: config('v1'), attributes: { anonymousId: 'a'.repeat(32) } }
  const options = { key: 'nk_pub_hydrate', host: 'http://e.invalid', name: 'hydrate' }
  const app = (more: object) => h(NunchiProvider, more, h(Colour), h(Cards))

  it('is hydrated without a word, renders nothing twice, and is exposed as the server’s visitor', async () => {
    renders = {}
    const tree = app({ options, bootstrap, experiments: { config: false } })
    place.innerHTML = renderToString(tree)
    expect(place.textContent).toBe('bluegrid true')
    renders = {}
    await act(async () => void roots.push(hydrateRoot(place, tree)))
    expect(place.textContent).toBe('bluegrid true')
    expect(renders).toEqual({ colour: 1, cards: 1 })
    expect(JSON.parse(localStorage.getItem('hydrate.id')!).anonymousId).toBe('a'.repeat(32))
    expect(said).toEqual([])
  })

  it('without a config on the server shows what the device knows right after', async () => {
    const nunchi = client(config('v1'))
    const tree = app({ client: nunchi })
    place.innerHTML = renderToString(tree)
    expect(place.textContent).toBe('noneloading')
    await act(async () => void roots.push(hydrateRoot(place, tree)))
    expect(place.textContent).toBe('bluegrid true')
    expect(said).toEqual([])
  })

  it('that was kept for another visitor makes nobody that visitor', async () => {
    const tree = app({
      options: { ...options, key: 'nk_pub_kept', name: 'kept' },
      bootstrap: { ...bootstrap, cookie: 'nunchi_id' },
      experiments: { config: false },
    })
    place.innerHTML = renderToString(tree)
    await act(async () => void roots.push(hydrateRoot(place, tree)))
    expect(JSON.parse(localStorage.getItem('kept.id')!).anonymousId).not.toBe('a'.repeat(32))
    expect(place.textContent).toBe('bluegrid true')
  })

  it('stands on broken bootstraps, with fallbacks', async () => {
    for (const broken of [null, {}, { config: 'x', attributes: null }, { config: { flags: 1 } }]) {
      const text = renderToString(app({ client: createTestClient(), bootstrap: broken }))
      expect(text).toContain('none')
    }
  })

  it('of a visitor whom the server may not know, nobody is in an experiment, before or after', async () => {
    const tree = app({
      options: { ...options, key: 'nk_pub_nobody', name: 'nobody' },
      bootstrap: { ...bootstrap, attributes: {} },
      experiments: { config: false },
    })
    place.innerHTML = renderToString(tree)
    await act(async () => void roots.push(hydrateRoot(place, tree)))
    expect(place.textContent).toBe('bluecontrol false')
    expect(said).toEqual([])
  })
})

describe('a test of an app', () => {
  it('fixes flags and variants, at the first render, on servers too', async () => {
    const fixed = { flags: { colour: 'green' }, experiments: { hero: 'bold' } }
    expect(renderToString(h(NunchiTestProvider, fixed, h(Page)))).toContain('Bold!')
    const root = await show(h(NunchiTestProvider, fixed, h(Page)))
    expect(place.textContent).toBe('greenBold!')
    await show(h(NunchiTestProvider, { flags: { colour: 'red' } }, h(Page)), root)
    expect(place.textContent).toBe('redPlain')
  })

  it('sees the exposures and conversions of its client', async () => {
    const nunchi = createFixedClient({ experiments: { hero: 'bold' } })
    await show(h(NunchiTestProvider, { client: nunchi }, h(Page)))
    expect(nunchi.events.map(({ name, properties }) => [name, properties!['variant']])).toEqual([
      ['Experiment Viewed', 'bold'],
    ])
  })
})
