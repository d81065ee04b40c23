/** The script of the bench's pages: the real SDK, and what the bench makes it do. */
import { browser } from '../../../packages/nunchi/src/browser.ts'
import { createClient } from '../../../packages/nunchi/src/create-client.ts'
import { reporter } from '../../../packages/nunchi/src/errors.ts'
import { createNunchi } from '../../../packages/nunchi/src/nunchi.ts'
import type { Plugin } from '../../../packages/nunchi/src/plugin.ts'
import { consent } from '../../../packages/nunchi/src/plugins/consent.ts'
import type { Saved } from '../../../packages/nunchi/src/saver.ts'
import type { Listener } from '../../../packages/nunchi/src/stages.ts'
import type { Faults, StartOptions, Testimony, Tracked } from './face.ts'
import { weakened } from './without.ts'

const page = window as unknown as { [name: string]: Faults } & {
  witness?: (testimony: Testimony) => void
}
const trueNow = Date.now
let moved = 0
Date.now = () => trueNow() + moved

const tell = (testimony: Testimony) => page.witness?.(testimony)

/** What listeners hear, as far as the bench wants to know. */
const listener: Listener = (stage, detail) => {
  const { ids = [], ...rest } = detail as { ids?: string[]; status?: number; reason?: string; ack?: object }
  if (stage === 'event') last = (detail as { id: string }).id
  if (stage === 'sending' || stage === 'beacon' || stage === 'acked') tell({ stage, ids })
  if (stage === 'failed') tell({ stage, ids, status: rest.status ?? 0 })
  if (stage === 'dropped') tell({ stage, ids, reason: rest.reason ?? '' })
  const { rejected = [] } = (rest.ack ?? {}) as { rejected?: { id: string }[] }
  if (rejected.length) tell({ stage: 'rejected', ids: rejected.map(({ id }) => id) })
}

/** The id of the event made last; told before `track()` returns. */
let last = ''
let made = 0
const life = `${trueNow().toString(36)}-${Math.random().toString(36).slice(2, 8)}`

const noiseOf = (bytes: number): string => {
  let text = ''
  while (text.length < bytes) text += Math.random().toString(36).slice(2)
  return text.slice(0, bytes)
}

type Made = { id: string; saved: Promise<Saved> }

function trackOne(name: string, text: string): Made {
  const saved = faults.client.track(name, { marker: `${life}-${made++}`, text })
  return { id: last, saved }
}

async function saidOf(tracked: Made[]): Promise<Tracked> {
  const saved = await Promise.all(tracked.map((one) => one.saved))
  const idsWhere = (durable: boolean) =>
    tracked.filter((_, i) => saved[i]?.durable === durable).map(({ id }) => id)
  return { durable: idsWhere(true), fleeting: idsWhere(false) }
}

let exposeOne: () => Made
const exposing: Plugin = {
  name: 'exposing',
  setup({ record }) {
    exposeOne = () => {
      const properties = { marker: `${life}-${made++}` }
      const saved = record('track', 'Experiment Viewed', () => ({ properties }), { keep: true })
      return { id: last, saved }
    }
  },
}

let timer: ReturnType<typeof setInterval> | undefined
const streamed = new Set<Promise<void>>()

const faults: Faults = {
  client: undefined as unknown as Faults['client'],

  start({ key, host, without, flushInterval = 100, consent: ask }: StartOptions) {
    const options = {
      key,
      host,
      flushInterval,
      use: ask ? [exposing, consent({ initial: 'granted' })] : [exposing],
    }
    const client = without
      ? createClient(options, weakened(browser('nunchi'), without), reporter())
      : createNunchi(options)
    faults.client = client as Faults['client']
    client.on(listener)
  },

  track(prefix, count, bytes, noise) {
    const text = noise ? () => noiseOf(bytes) : () => 'x'.repeat(bytes)
    return saidOf(Array.from({ length: count }, (_, i) => trackOne(`${prefix}-${i}`, text())))
  },

  expose: (count) => saidOf(Array.from({ length: count }, () => exposeOne())),

  stream(ms, count) {
    timer = setInterval(() => {
      const tracked = Array.from({ length: count }, (_, i) => trackOne(`stream-${i}`, ''))
      const told = Promise.all(tracked.map((one) => one.saved)).then((saved) => {
        tell({ stage: 'accepted', ids: tracked.filter((_, i) => saved[i]?.durable).map(({ id }) => id) })
        streamed.delete(told)
      })
      streamed.add(told)
    }, ms)
  },

  async halt() {
    clearInterval(timer)
    await Promise.all(streamed)
  },

  clock(ms) {
    moved = ms
  },
}

page[(document.currentScript as HTMLScriptElement).dataset['as'] ?? 'faults'] = faults
