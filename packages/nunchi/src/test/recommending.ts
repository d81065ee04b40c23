/** A page with recommendations for tests in a browser: what the collector is asked, what it says, and the clock. */
import type { Recommendations } from '@nunchi/protocol'
import { createStore, get } from 'idb-keyval'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { openLocal } from '../page/local.ts'
import type { Nunchi } from '../plugin.ts'
import { consent } from '../plugins/consent.ts'
import { type RecommendationsOptions, recommendations } from '../plugins/recommendations.ts'
import { createTestClient, type TestClient } from '../testing.ts'
import { someAnswer } from './some-recommendations.ts'
import { waitFor } from './wait-for.ts'

/** One page after the other, on the same device. */
export interface Recommending {
  /** What the collector was asked. */
  asked: { search: URLSearchParams; headers: Headers }[]
  /** What it says. */
  say(search: URLSearchParams): Response | Promise<Response>
  /** Names the device: another one for each test. */
  name: string
  /** In ms since the epoch. */
  clock: number
  /** Opens a page. @param ask the options of `consent()`, where it asks */
  open(options?: RecommendationsOptions, ask?: Parameters<typeof consent>[0]): Recommender
}

/** The client of a page. */
export type Recommender = Nunchi<readonly [ReturnType<typeof consent>, ReturnType<typeof recommendations>]> &
  TestClient

const make = (
  { name, now }: { name: string; now(): number },
  options?: RecommendationsOptions,
  ask: Parameters<typeof consent>[0] = { mode: 'opt-out' },
): Recommender =>
  createTestClient({
    use: [consent(ask), recommendations(options)],
    name,
    now,
    environment: { local: openLocal(name) },
  })

/** As JSON. */
export const json = (body: unknown, init?: ResponseInit): Response => new Response(JSON.stringify(body), init)

/** The collector answers this, from now on. */
export const answers = (rig: Recommending, answer: Recommendations = someAnswer()): void => {
  rig.say = () => json(answer)
}

/** Waits until what is on the device says this. */
export async function kept(rig: Recommending, text: string): Promise<void> {
  const store = createStore(`${rig.name}-recommendations`, 'lists')
  await waitFor(async () => expect(JSON.stringify(await get('kept', store))).toContain(text))
}

/** Makes the page of each test of a file. */
export function recommending(): Recommending {
  const clients: { close(): unknown }[] = []
  const rig = {} as Recommending
  rig.open = (options, ask) => {
    const client = make({ name: rig.name, now: () => rig.clock }, options, ask)
    clients.push(client)
    return client
  }
  beforeEach(() => {
    rig.name = `shop-${crypto.randomUUID()}`
    rig.clock = 1_800_000_000_000
    rig.asked = []
    answers(rig)
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (address, init) => {
      const search = new URL(`${address}`).searchParams
      rig.asked.push({ search, headers: new Headers(init?.headers) })
      return rig.say(search)
    })
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
    vi.restoreAllMocks()
    localStorage.clear()
  })
  return rig
}
