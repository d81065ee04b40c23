/** The world of one simulated life: devices with tabs, a network, two collectors and a database. */
import { type Collector, createCollector, events } from '../../edge/collector/src/index.ts'
import { createKey, type Event } from '../../packages/protocol/src/index.ts'
import type { Clock } from './clock.ts'
import { createDatabase, type Database, type Without } from './database.ts'
import { createDevice, type Device, type Tab } from './device.ts'
import { createNetwork, type Network } from './network.ts'
import type { Random } from './random.ts'

/** A tab and the device it is open on. */
export interface OpenTab {
  device: Device
  tab: Tab
}

/** Everything that lives, and what was seen of it. */
export interface Life {
  clock: Clock
  random: Random
  database: Database
  network: Network
  devices: Device[]
  tabs: OpenTab[]
  /** Events whose promise resolved as durable. */
  durable: Set<string>
  dropped: Set<string>
  /** Kinds of faults that were on at some time. */
  faults: Set<string>
  /** Broken promises, as sentences. */
  broken: string[]
  open(device?: Device): void
  /** Makes one event in a tab. */
  track(tab: Tab): void
  /** Stops one collector, gently or not, and starts another in its place. */
  restart(): void
  /** Gives the process its own `fetch` back. */
  end(): void
}

interface Instance {
  collector: Collector
  up: boolean
}

/** Two collectors, and a server that spreads requests over them. */
function createCollectors({ storage }: Database, random: Random) {
  const start = (): Instance => ({
    collector: createCollector({ storage, use: [events()], rateLimit: false, log: () => {} }),
    up: true,
  })
  const instances = [start(), start()]
  const refuse = () => new TypeError('Failed to fetch')
  return {
    async serve(request: Request): Promise<Response> {
      const instance = random.pick(instances)
      if (!instance.up) throw refuse()
      const answer = await instance.collector.fetch(request)
      // Killed while it worked: whether it had committed or not, no answer leaves it.
      if (!instance.up) throw refuse()
      return answer
    },
    restart(gently: boolean): void {
      const i = random.int(0, 1)
      const old = instances[i]!
      instances[i] = start()
      if (gently) old.collector.close()
      else old.up = false
    },
  }
}

/** Begins a life in which all is well. */
export function beginLife(clock: Clock, random: Random, without?: Without): Life {
  const database = createDatabase(clock, random, without)
  const collectors = createCollectors(database, random)
  const network = createNetwork(clock, random, collectors.serve)
  const key = createKey('pub')
  const realFetch = globalThis.fetch
  globalThis.fetch = ((url: string, init: RequestInit) => network.fetch(url, init)) as typeof fetch

  const listen = (stage: string, detail: unknown) => {
    const { ids } = detail as { ids: string[] }
    if (stage === 'dropped') for (const id of ids) life.dropped.add(id)
    if (stage !== 'acked') return
    for (const id of ids)
      if (!database.ids.has(id) && !database.rejected.has(id))
        life.broken.push(`${id} was acknowledged before its commit`)
  }

  const life: Life = {
    clock,
    random,
    database,
    network,
    devices: [createDevice(clock, random, network, without), createDevice(clock, random, network, without)],
    tabs: [],
    durable: new Set(),
    dropped: new Set(),
    faults: new Set(),
    broken: [],
    open(device = random.pick(life.devices)) {
      life.tabs.push({ device, tab: device.openTab(key, listen) })
    },
    track({ client }) {
      const name = random.chance(0.03) ? database.poison : 'Product Added'
      const size = random.pick([10, 10, 100, 500, 4000, random.chance(0.1) ? 40_000 : 100])
      let made: Event | undefined
      const off = client.on((stage, detail) => {
        if (stage === 'event') made = detail as Event
      })
      const saved = random.chance(0.1)
        ? client.identify(`user-${random.int(0, 3)}`)
        : client.track(name, { pad: 'x'.repeat(size) })
      off()
      saved.then(({ durable }) => durable && made && life.durable.add(made.id))
    },
    restart() {
      const gently = random.chance(0.5)
      collectors.restart(gently)
      life.faults.add(gently ? 'drain' : 'kill')
    },
    end() {
      globalThis.fetch = realFetch
    },
  }
  for (let i = 0; i < 3; i++) life.open()
  return life
}
