import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../test/wait-for.ts'
import { openLocal } from './local.ts'
import { openChannel, openTurn, type Turn } from './tabs.ts'

beforeEach(() => localStorage.clear())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const withoutLocks = () =>
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager)
const refusedLocks = () =>
  vi.spyOn(navigator.locks, 'request').mockRejectedValue(new DOMException('no', 'SecurityError'))

/** Work that goes on until it is told to end. */
function endless() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  let isMine = () => false
  const work = async (mine: () => boolean) => {
    isMine = mine
    begin()
    await ended
    return 'done'
  }
  return { work, begun, end: () => end(), isMine: () => isMine() }
}

const tabsOf = (name: string): [Turn, Turn] => [
  openTurn(name, openLocal(name), 'one'),
  openTurn(name, openLocal(name), 'two'),
]

describe.for([
  ['by Web Locks', () => {}],
  ['by a lease where there are no Web Locks', withoutLocks],
  ['by a lease where Web Locks are refused, as in a sandboxed frame', refusedLocks],
] as const)('a turn %s', ([kind, prepare]) => {
  beforeEach(() => {
    prepare()
  })

  it('goes to one of two tabs; the other learns that it has none', async () => {
    const [one, two] = tabsOf(`turn-a-${kind}`)
    const first = endless()
    const taken = one.take(first.work)
    await first.begun
    expect(await two.take(async () => 'never')).toBeUndefined()
    first.end()
    expect(await taken).toBe('done')
    expect(await two.take(async () => 'now')).toBe('now')
  })

  it('goes to one of many that ask at the same moment', async () => {
    const name = `turn-b-${kind}`
    let running = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 120))
      running--
      return true
    }
    const turns = Array.from({ length: 6 }, (_, i) => openTurn(name, openLocal(name), `tab${i}`))
    const results = await Promise.all(turns.map((turn) => turn.take(work)))
    expect(most).toBe(1)
    expect(results.filter(Boolean).length).toBeGreaterThan(0)
  })

  it('is given back early: the work goes on and knows, another tab may begin', async () => {
    const [one, two] = tabsOf(`turn-c-${kind}`)
    const first = endless()
    const taken = one.take(first.work)
    await first.begun
    expect(first.isMine()).toBe(true)
    one.release()
    expect(first.isMine()).toBe(false)
    await waitFor(async () => expect(await two.take(async () => 'taken over')).toBe('taken over'))
    first.end()
    expect(await taken).toBe('done')
  })

  it('is given back when the work fails, and the failure is told', async () => {
    const [one, two] = tabsOf(`turn-d-${kind}`)
    await expect(one.take(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await waitFor(async () => expect(await two.take(async () => 'next')).toBe('next'))
  })

  it('is not taken up by a page that left while it was asked for', async () => {
    const [one, two] = tabsOf(`turn-f-${kind}`)
    const work = vi.fn(async () => 'never')
    const taken = one.take(work)
    one.release()
    expect(await taken).toBeUndefined()
    expect(work).not.toHaveBeenCalled()
    await waitFor(async () => expect(await two.take(async () => 'free')).toBe('free'))
  })

  it('can be released when there is none', () => {
    const [one] = tabsOf(`turn-e-${kind}`)
    expect(() => one.release()).not.toThrow()
  })
})

describe('a lock', () => {
  it('is no longer asked for once the page leaves: its answer would end the page in the back/forward cache', async () => {
    const [one, two] = tabsOf('lock-a')
    const first = endless()
    const taken = one.take(first.work)
    await first.begun
    const pending = async () =>
      (await navigator.locks.query()).pending?.filter(({ name }) => name === 'lock-a').length
    const work = vi.fn(async () => 'never')
    const asked = two.take(work)
    await waitFor(async () => expect(await pending()).toBe(1))
    two.release()
    expect(await asked).toBeUndefined()
    expect(await pending()).toBe(0)
    first.end()
    await taken
    expect(work).not.toHaveBeenCalled()
  })
})

describe('a lease', () => {
  it('is renewed while the work lasts, however long', async () => {
    withoutLocks()
    vi.useFakeTimers()
    const [one, two] = tabsOf('lease-a')
    const first = endless()
    const taken = one.take(first.work)
    await vi.advanceTimersByTimeAsync(100)
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(3000)
      expect(await two.take(async () => 'stolen')).toBeUndefined()
    }
    first.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(await taken).toBe('done')
    expect(openLocal('lease-a').get('lease')).toBeUndefined()
  })

  it('ends within four seconds where its tab died', async () => {
    withoutLocks()
    vi.useFakeTimers()
    openLocal('lease-b').set('lease', ['dead', Date.now() + 4000])
    const [one] = tabsOf('lease-b')
    expect(await one.take(async () => 'early')).toBeUndefined()
    await vi.advanceTimersByTimeAsync(4001)
    const taken = one.take(async () => 'taken over')
    await vi.advanceTimersByTimeAsync(100)
    expect(await taken).toBe('taken over')
  })

  it('of a clock that was years ahead holds nobody up', async () => {
    withoutLocks()
    openLocal('lease-c').set('lease', ['dead', Date.now() + 10 * 365 * 86_400_000])
    const [one] = tabsOf('lease-c')
    expect(await one.take(async () => 'free')).toBe('free')
  })

  it.for([{ who: 'knows' }, 'text', 7])('in a shape of another version (%o) is no lease', async (shape) => {
    withoutLocks()
    openLocal('lease-d').set('lease', shape)
    const [one] = tabsOf('lease-d')
    expect(await one.take(async () => 'free')).toBe('free')
  })
})

describe('the channel between tabs', () => {
  const hearing = (name: string) => {
    const hear = vi.fn()
    const channel = openChannel(name, hear)
    channel.open(true)
    return { hear, channel }
  }

  it('tells the other tabs, not oneself, what was delivered', async () => {
    const [one, two, other] = [hearing('c1'), hearing('c1'), hearing('c2')]
    one.channel.post(['a', 'b'])
    await waitFor(() => expect(two.hear).toHaveBeenCalledWith(['a', 'b']))
    expect(one.hear).not.toHaveBeenCalled()
    expect(other.hear).not.toHaveBeenCalled()
  })

  it('is silent and deaf while the page is away, and hears again afterwards', async () => {
    const [one, two] = [hearing('c3'), hearing('c3')]
    two.channel.open(false)
    one.channel.post(['missed'])
    two.channel.post(['unsaid'])
    two.channel.open(true)
    one.channel.post(['heard'])
    await waitFor(() => expect(two.hear).toHaveBeenCalledWith(['heard']))
    expect(two.hear).toHaveBeenCalledTimes(1)
    expect(one.hear).not.toHaveBeenCalled()
  })

  it.for([
    ['missing', undefined],
    [
      'refused',
      class {
        constructor() {
          throw new DOMException('no', 'SecurityError')
        }
      },
    ],
  ] as const)('does nothing where BroadcastChannel is %s', ([, broken]) => {
    vi.stubGlobal('BroadcastChannel', broken)
    const { channel } = hearing('c4')
    expect(() => {
      channel.post(['a'])
      channel.open(false)
    }).not.toThrow()
    vi.unstubAllGlobals()
  })
})
