'use client'
/** nunchi/react/testing: components in tests, with the flags, variants and recommendations that the test wants. */
import type { Config, Flag, Item, Json, Recommendations } from '@nunchi/protocol'
import { createElement, type ReactElement, type ReactNode, useMemo } from 'react'
import type { Nunchi } from '../plugin.ts'
import { type ExperimentsPlugin, experiments } from '../plugins/experiments.ts'
import { recommendations } from '../plugins/recommendations.ts'
import { createTestClient, type TestClient } from '../testing.ts'
import { handleContext } from './context.ts'
import { createHandle } from './handle.ts'

/** What a test fixes. */
export interface Fixed {
  /** Values of flags, by key. */
  flags?: { [key: string]: Json }
  /** The variant that the visitor has, by experiment. */
  experiments?: { [key: string]: string }
  /** What is recommended, by catalog type: titles, or items with what your components show of them. */
  recommendations?: { [type: string]: readonly (string | (Partial<Item> & { id: string }))[] }
}

/** An answer that never expires; its `recommendationId` is `test-` and the type. */
function answerOf({ recommendations: lists = {} }: Fixed): Recommendations {
  const itemsOf = (type: string) =>
    (lists[type] ?? []).map((one, place) => {
      const { available: _, text: __, ...item } = typeof one === 'string' ? { id: one } : one
      return { title: item.id, ...item, type, score: 1 / (place + 1), reason: { code: 'popular' as const } }
    })
  const answers = Object.keys(lists).map((type) => {
    const items = itemsOf(type)
    const list = { recommendationId: `test-${type}`, list: 'user' as const, items }
    return [type, items.length ? list : { ...list, reason: 'empty_catalog' as const }]
  })
  return {
    generated_at: '2026-01-01T00:00:00.000Z',
    expires_at: '2126-01-01T00:00:00.000Z',
    recommendations: Object.fromEntries(answers),
    neighbors: {},
  }
}

const bootstrapOf = (config: Config) => ({ config, attributes: { anonymousId: 'test-visitor' } })

/** A config in which everything is what the test says; what it does not name is unknown. */
function configOf({ flags = {}, experiments: variants = {} }: Fixed): Config {
  const flagOf = (value: Json): Flag => {
    const type = typeof value
    return {
      type: type === 'boolean' || type === 'number' || type === 'string' ? type : 'json',
      value,
      revision: 1,
    }
  }
  return {
    version: 'test',
    flags: Object.fromEntries(Object.entries(flags).map(([key, value]) => [key, flagOf(value)])),
    experiments: Object.fromEntries(
      Object.entries(variants).map(([key, variant]) => [
        key,
        { status: 'running', revision: 1, variants: [{ key: variant, weight: 1_000_000 }] },
      ]),
    ),
  }
}

/**
 * Makes a client in memory with fixed flags, variants and recommendations; its `events` hold every exposure and conversion.
 *
 * @example
 * const client = createFixedClient({ flags: { 'new-checkout': true }, experiments: { hero: 'bold' } })
 * render(<NunchiTestProvider client={client}><Checkout /></NunchiTestProvider>)
 * expect(client.events.map(({ name }) => name)).toContain('Experiment Viewed')
 */
export function createFixedClient(
  fixed: Fixed = {},
): Nunchi<readonly [ExperimentsPlugin, ReturnType<typeof recommendations>]> & TestClient {
  const { config, attributes } = bootstrapOf(configOf(fixed))
  const client = createTestClient({
    use: [
      experiments({ bootstrap: config, attributes, config: false, link: false }),
      recommendations({ bootstrap: answerOf(fixed), ask: false }),
    ],
  })
  // The provider's first render asks for it.
  return Object.defineProperty(client, 'fixed', { value: fixed })
}

/** What `<NunchiTestProvider>` takes. */
export interface NunchiTestProviderProps extends Fixed {
  /** A client of `createFixedClient()`, where the test looks at its events. */
  client?: ReturnType<typeof createFixedClient>
  children?: ReactNode
}

/** Gives the components inside fixed flags, variants and recommendations, at the first render; nothing is stored or sent. */
export function NunchiTestProvider(props: NunchiTestProviderProps): ReactElement {
  const { client, flags, experiments: variants, recommendations: lists, children } = props
  const text = JSON.stringify([flags, variants, lists])
  // biome-ignore lint/correctness/useExhaustiveDependencies: text is what they say.
  const handle = useMemo(() => {
    const made =
      client ??
      createFixedClient({
        ...(flags && { flags }),
        ...(variants && { experiments: variants }),
        ...(lists && { recommendations: lists }),
      })
    const { fixed = {} } = made as { fixed?: Fixed }
    const bootstrap = { ...bootstrapOf(configOf(fixed)), recommendations: answerOf(fixed) }
    return createHandle({ make: () => made, there: true, bootstrap, report() {} })
  }, [client, text])
  return createElement(handleContext().Provider, { value: handle }, children)
}
