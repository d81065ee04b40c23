import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNunchi } from '../nunchi.development.ts'
import type { Options } from '../options.ts'
import { waitFor } from '../test/wait-for.ts'
import { consent } from './consent.ts'
import { sampling } from './sampling.ts'

let said: string[] = []
let names = 0
const clients: { close(): unknown }[] = []

beforeEach(() => {
  said = []
  vi.spyOn(console, 'info').mockImplementation((text) => said.push(text))
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.stubGlobal('CompressionStream', undefined)
  vi.spyOn(window, 'fetch').mockImplementation(async (_url, init) => {
    const { id } = JSON.parse(`${init!.body}`)
    return new Response(JSON.stringify({ batch: id }), { status: 202 })
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', location.pathname)
})

function open(options: Partial<Options> = {}) {
  const name = `debug-test-${Date.now()}-${++names}`
  const client = createNunchi({
    key: 'nk_pub_test',
    host: 'http://test.invalid',
    name,
    flushInterval: 1,
    ...options,
  })
  clients.push(client)
  return client
}

describe('debugging says', () => {
  it('nothing unless it is asked to', async () => {
    await open().track('a')
    expect(said).toEqual([])
  })

  it('each step of an event’s way', async () => {
    await open({ debug: true }).track('Signed Up')
    await waitFor(() => expect(said.at(-1)).toContain('in Postgres'))
    expect(said).toEqual([
      'nunchi: "Signed Up" (track) is made.',
      'nunchi: "Signed Up" (track): stored on this device.',
      'nunchi: "Signed Up" (track): on the way to the collector.',
      'nunchi: "Signed Up" (track): in Postgres, says the collector.',
    ])
  })

  it('that the collector was not reached, and that nothing is lost by it', async () => {
    vi.mocked(window.fetch).mockRejectedValue(new TypeError('Failed to fetch'))
    await open({ debug: true }).track('a')
    await waitFor(() =>
      expect(said).toContain('nunchi: "a" (track): kept, and tried again; the collector was not reached.'),
    )
    vi.mocked(window.fetch).mockResolvedValue(new Response('{"code":"key_unknown"}', { status: 401 }))
    await open({ debug: true }).track('b')
    await waitFor(() => expect(said.join()).toContain('the collector answered 401 key_unknown'))
  })

  it('why an event is not recorded: consent, a signal, sampling, its size', async () => {
    const asked = open({ debug: true, use: [consent()] })
    const held = asked.track('held')
    expect(said).toEqual(['nunchi: "held" (track) is made, and waits in memory for consent.'])
    const { consent: choice } = asked as unknown as { consent: { deny(): void } }
    choice.deny()
    await held
    await asked.track('late')
    expect(said.at(-1)).toBe('nunchi: track("late") is not recorded: consent is denied.')

    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true, configurable: true })
    await open({ debug: true }).track('signal')
    Reflect.deleteProperty(navigator, 'globalPrivacyControl')
    expect(said.at(-1)).toContain(
      'track("signal") is not recorded: the browser signals Global Privacy Control',
    )

    await open({ debug: true, use: [sampling({ rate: 0 })] }).track('out')
    expect(said.at(-1)).toBe('nunchi: "out" (track): dropped (sampled): sampling.')

    await open({ debug: true }).track('big', { text: 'x'.repeat(40_000) })
    expect(said.at(-1)).toContain('dropped (event_too_large): it is larger than 32 kB')

    await open({ debug: true, key: '' }).track('keyless')
    expect(said.at(-1)).toContain('track("keyless") is not recorded: createNunchi() got no key')
  })

  it('all of it in this tab once the address asks, until it asks for an end', async () => {
    history.replaceState(null, '', '?nunchi_debug=1')
    await open().track('first')
    history.replaceState(null, '', '?')
    await open().track('next page')
    expect(said.join()).toContain('"next page" (track) is made.')
    history.replaceState(null, '', '?nunchi_debug=0')
    await open().track('third')
    expect(said.join()).not.toContain('third')
  })
})
