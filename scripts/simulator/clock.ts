/** Simulated time: timers fire in order at once, and the process's clock and chance follow the seed. */
import { createHash } from 'node:crypto'
import type { Random } from './random.ts'

interface Timer {
  at: number
  order: number
  work: () => void
  every?: number
}

/** Time that passes when it is told to. */
export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
  /** Lets `ms` pass: fires what falls due, and lets each firing's promises settle first. */
  pass(ms: number): Promise<void>
  /** Gives the process its own time and chance back. */
  uninstall(): void
}

const start = Date.UTC(2026, 10, 1)
const names = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const

/** Puts simulated time, timers, chance and hashing in place of the process's. One at a time. */
export function installClock(random: Random): Clock {
  let now = start
  let order = 0
  const timers = new Map<number, Timer>()
  const real = Object.fromEntries(names.map((name) => [name, globalThis[name]]))
  const realNow = Date.now
  const realRandom = Math.random
  const { subtle } = crypto
  const { digest } = subtle
  const { getRandomValues } = crypto
  const settle = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

  const add = (work: () => void, ms = 0, every?: number) => {
    const id = ++order
    timers.set(id, { at: now + Math.max(0, ms), order: id, work, ...(every !== undefined && { every }) })
    return id
  }
  const remove = (id?: unknown) => {
    timers.delete(id as number)
  }
  Object.assign(globalThis, {
    setTimeout: (work: () => void, ms?: number) => add(work, ms),
    setInterval: (work: () => void, ms = 1) => add(work, ms, ms),
    clearTimeout: remove,
    clearInterval: remove,
  })
  Date.now = () => Math.floor(now)
  Math.random = random.next
  // The process hashes in a thread pool, in whichever order it finishes; here at once.
  subtle.digest = async (_name, data) =>
    new Uint8Array(
      createHash('sha256')
        .update(data as Uint8Array)
        .digest(),
    ).buffer
  crypto.getRandomValues = (array) => {
    const bytes = new Uint8Array(array!.buffer as ArrayBuffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.int(0, 255)
    return array
  }

  const first = () => {
    let soonest: Timer | undefined
    for (const timer of timers.values())
      if (!soonest || timer.at < soonest.at || (timer.at === soonest.at && timer.order < soonest.order))
        soonest = timer
    return soonest
  }

  return {
    now: () => now,
    sleep: (ms) => new Promise((resolve) => add(resolve, ms)),
    async pass(ms) {
      const end = now + ms
      await settle()
      for (let timer = first(); timer && timer.at <= end; timer = first()) {
        now = Math.max(now, timer.at)
        timers.delete(timer.order)
        if (timer.every !== undefined) timers.set(timer.order, { ...timer, at: now + timer.every })
        timer.work()
        await settle()
      }
      now = end
    },
    uninstall() {
      Object.assign(globalThis, real)
      Date.now = realNow
      Math.random = realRandom
      subtle.digest = digest
      crypto.getRandomValues = getRandomValues
    },
  }
}
