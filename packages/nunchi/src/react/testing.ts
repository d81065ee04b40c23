'use client'
/** nunchi/react/testing: components in tests, with the flags and variants that the test wants. */
import type { Config, Flag, Json } from '@nunchi/protocol'
import { createElement, type ReactElement, type ReactNode, useMemo } from 'react'
import type { Nunchi } from '../plugin.ts'
import { type ExperimentsPlugin, experiments } from '../plugins/experiments.ts'
import { createTestClient, type TestClient } from '../testing.ts'
import { handleContext } from './context.ts'
import { createHandle } from './handle.ts'

/** What a test fixes. */
export interface Fixed {
  /** Values of flags, by key. */
  flags?: { [key: string]: Json }
  /** The variant that the visitor has, by experiment. */
  experiments?: { [key: string]: string }
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
 * Makes a client in memory with fixed flags and variants; its `events` hold every exposure and conversion.
 *
 * @example
 * const client = createFixedClient({ flags: { 'new-checkout': true }, experiments: { hero: 'bold' } })
 * render(<NunchiTestProvider client={client}><Checkout /></NunchiTestProvider>)
 * expect(client.events.map(({ name }) => name)).toContain('Experiment Viewed')
 */
export function createFixedClient(fixed: Fixed = {}): Nunchi<readonly [ExperimentsPlugin]> & TestClient {
  const { config, attributes } = bootstrapOf(configOf(fixed))
  return createTestClient({
    use: [experiments({ bootstrap: config, attributes, config: false, link: false })],
  })
}

/** What `<NunchiTestProvider>` takes. */
export interface NunchiTestProviderProps extends Fixed {
  /** A client of `createFixedClient()`, where the test looks at its events. */
  client?: ReturnType<typeof createFixedClient>
  children?: ReactNode
}

/** Gives the components inside fixed flags and variants, at the first render; nothing is stored or sent. */
export function NunchiTestProvider(props: NunchiTestProviderProps): ReactElement {
  const { client, flags, experiments: variants, children } = props
  const text = JSON.stringify([flags, variants])
  // biome-ignore lint/correctness/useExhaustiveDependencies: text is what they say.
  const handle = useMemo(() => {
    const made =
      client ?? createFixedClient({ ...(flags && { flags }), ...(variants && { experiments: variants }) })
    const bootstrap = bootstrapOf(made.experiments.config ?? configOf({}))
    return createHandle({ make: () => made, there: true, bootstrap, report() {} })
  }, [client, text])
  return createElement(handleContext().Provider, { value: handle }, children)
}
