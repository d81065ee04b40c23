import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWorld, entry, type Mood } from './test/fake-world.ts'

/** Two thousand visitors of a redirect test, each with a device and a network of their own, in a time that runs fast. */
const visitors = 2_001
const arms = ['stay', 'redirect', 'redirect-slowly'] as const

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Numbers from 0 to 1 that are the same in each run (Park and Miller's generator). */
function numbers(seed: number) {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

interface Way {
  /** Whether the exposure is kept on the device, and handed over when the page leaves. */
  durable: boolean
  /** Whether visitors come back once. */
  returns: boolean
}

/** Plays everybody. Timings are Chromium's: a commit in 2 to 20 ms, an answer in 20 ms, a redirect after 5 to 60 ms. */
async function play({ durable, returns }: Way): Promise<Record<(typeof arms)[number], number>> {
  const random = numbers(7)
  const lost = { stay: 0, redirect: 0, 'redirect-slowly': 0 }
  const visit = async (arm: (typeof arms)[number], chance: () => number) => {
    const world = createWorld()
    if (!durable) world.storage = 'broken'
    const moods: Mood[] = ['good', 'good', 'good', 'down', 'busy', 'reply-lost']
    world.mood = moods[Math.floor(chance() * moods.length)]!
    // One browser in ten takes no beacon: its quota is spent, or something blocks it.
    const taken = durable && chance() > 0.1
    const beacon = (_: string, body: string) => {
      if (!taken || world.mood !== 'good') return taken
      for (const { id } of (JSON.parse(body) as { events: { id: string }[] }).events)
        world.stored.set(id, (world.stored.get(id) ?? 0) + 1)
      return true
    }
    const here = world.openTab(undefined, { beacon })
    const exposure = entry(300, true)
    here.push(exposure)
    const stay = { stay: 20_000, redirect: 5 + chance() * 15, 'redirect-slowly': 20 + chance() * 40 }
    await sleep(stay[arm])
    if (durable) here.leave()
    else here.forget([exposure.id])
    here.stop()
    if (arm !== 'stay') {
      await sleep(50 + chance() * 500)
      const there = world.openTab(undefined, { beacon })
      there.show()
      await sleep(20_000)
      if (durable) there.leave()
      there.stop()
    }
    if (returns) {
      world.mood = 'good'
      const later = world.openTab()
      later.show()
      await sleep(20_000)
      later.stop()
    }
    if (!world.stored.has(exposure.id)) lost[arm]++
  }
  // One of each arm has the same device and the same network: what differs is the arm's doing.
  const all = Array.from({ length: visitors / 3 }, () => Math.floor(random() * 1e9)).flatMap((seed) =>
    arms.map((arm) => visit(arm, numbers(seed + 1))),
  )
  await vi.advanceTimersByTimeAsync(120_000)
  await Promise.all(all)
  return lost
}

it('of 2,000 visitors: no exposure is lost on any arm once everybody has come back', async () => {
  expect(await play({ durable: true, returns: true })).toEqual({ stay: 0, redirect: 0, 'redirect-slowly': 0 })
})

it('without coming back, as many are lost on each arm: those whose network never worked', async () => {
  const lost = await play({ durable: true, returns: false })
  expect(lost.redirect).toBe(lost.stay)
  expect(lost['redirect-slowly']).toBe(lost.stay)
  expect(lost.stay).toBeLessThan(0.4 * (visitors / 3))
})

it('the control: kept in memory alone and sent a second later, redirected exposures are lost', async () => {
  const lost = await play({ durable: false, returns: true })
  expect(lost.redirect).toBeGreaterThan(0.9 * (visitors / 3))
  expect(lost['redirect-slowly']).toBeGreaterThan(0.9 * (visitors / 3))
  expect(lost.stay).toBeLessThan(0.6 * (visitors / 3))
})
