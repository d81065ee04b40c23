/** A visitor's device: a disk that outlives its tabs, and tabs that come, hide, freeze and crash. */
import type { Client } from '../../packages/nunchi/src/client.ts'
import { createClient } from '../../packages/nunchi/src/create-client.ts'
import type { Environment } from '../../packages/nunchi/src/environment.ts'
import { memoryStore } from '../../packages/nunchi/src/memory-store.ts'
import type { Phase } from '../../packages/nunchi/src/page/lifecycle.ts'
import type { Local } from '../../packages/nunchi/src/page/local.ts'
import type { Listener } from '../../packages/nunchi/src/stages.ts'
import type { Store } from '../../packages/nunchi/src/store.ts'
import { fetchTransport } from '../../packages/nunchi/src/transport/fetch.ts'
import { retry } from '../../packages/nunchi/src/transport/retry.ts'
import type { Clock } from './clock.ts'
import type { Without } from './database.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'

/** How the disk behaves now. */
export type DiskMood = 'good' | 'broken' | 'full' | 'hangs'

/** A page that is open. */
export interface Tab {
  client: Client
  /** Tells the page that it is hidden, gone or seen again. */
  phase(phase: Phase): void
  /** Ends the page without a word: nothing of it has any effect from now on. */
  crash(): void
}

/** A device. */
export interface Device {
  disk: DiskMood
  /** Moves the clock that its pages see, in ms. */
  skew: number
  store: Store
  local: Local
  openTab(key: string, listener: Listener): Tab
}

const forever = new Promise<never>(() => {})

function sharedLocal(): Local {
  const values = new Map<string, string>()
  return {
    get: (name) => JSON.parse(values.get(name) ?? 'null') ?? undefined,
    set(name, value) {
      if (value === undefined) values.delete(name)
      else values.set(name, JSON.stringify(value))
    },
    names: (prefix) => [...values.keys()].filter((name) => name.startsWith(prefix)),
    clear: () => values.clear(),
    persist() {},
  }
}

/** Makes a device on a network. */
export function createDevice(clock: Clock, random: Random, network: Network, without?: Without): Device {
  const disk = memoryStore()
  const local = sharedLocal()
  const channels = new Set<(ids: string[]) => void>()
  let holder: object | undefined

  /** One operation of the disk: late, and without effect where it fails or its tab has crashed meanwhile. */
  const operate = async <Result>(
    alive: () => boolean,
    writes: boolean,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    await clock.sleep(random.int(0, 10))
    if (!alive()) return forever
    if (device.disk === 'broken') throw new Error('broken')
    if (device.disk === 'hangs') {
      await clock.sleep(5000)
      throw new Error('late')
    }
    if (device.disk === 'full' && writes)
      throw Object.assign(new Error('full'), { name: 'QuotaExceededError' })
    return work()
  }

  const device: Device = {
    disk: 'good',
    skew: 0,
    store: disk,
    local,
    openTab(key, listener) {
      let alive = true
      const living = () => alive
      let watcher: (phase: Phase) => void = () => {}
      let mine: { held: boolean } | undefined
      const release = () => {
        if (mine) mine.held = false
        if (holder === mine) holder = undefined
      }
      const hearers = new Set<(ids: string[]) => void>()
      const send = retry(fetchTransport(), local)
      const environment: Environment = {
        present: true,
        local: { ...local, set: (name, value) => alive && local.set(name, value) },
        store: {
          // Without a disk it says that it has written, and has not.
          add: (entries) =>
            operate(living, true, async () => (without === 'disk' ? undefined : disk.add(entries))),
          oldest: (count, after) => operate(living, false, () => disk.oldest(count, after)),
          remove: (ids) => operate(living, true, () => disk.remove(ids)),
          count: () => operate(living, false, disk.count),
          clear: () => operate(living, true, disk.clear),
        },
        send: async (delivery) => {
          const reply = await send(delivery)
          return alive ? reply : forever
        },
        turn: () => ({
          async take(work) {
            await clock.sleep(1)
            if (!alive) return forever
            if (holder) return undefined
            const own = { held: true }
            mine = own
            holder = own
            try {
              return await work(() => own.held)
            } finally {
              own.held = false
              if (holder === own) holder = undefined
            }
          },
          release,
        }),
        channel(hear) {
          return {
            post(ids) {
              if (alive) for (const other of channels) if (!hearers.has(other)) other(ids)
            },
            open(yes) {
              hearers.add(hear)
              if (yes && alive) channels.add(hear)
              else channels.delete(hear)
            },
          }
        },
        beacon(url, body) {
          if (!alive || body.length > 65_536 || random.chance(0.1)) return false
          network.fetch(url, { body }).catch(() => {})
          return true
        },
        context: () => ({ locale: 'ko-KR' }),
        page: () => ({ url: 'https://shop.example/' }),
        idle: (work) => work(),
        watch(listen) {
          watcher = listen
          return () => {}
        },
        refused: () => false,
      }
      const now = () => Date.now() + device.skew
      const client = createClient({ key, host: 'http://collector', now }, environment, () => {})
      client.on((stage, detail) => {
        if (alive) listener(stage, detail)
      })
      return {
        client,
        phase: (phase) => alive && watcher(phase),
        crash() {
          alive = false
          release()
          for (const hear of hearers) channels.delete(hear)
        },
      }
    },
  }
  return device
}
