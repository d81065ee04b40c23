/** The world of one case: a database, a collector, the networks between, visitors, and the account of it all. */
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { createKey } from '../../../packages/protocol/src/index.ts'
import type { StartOptions } from '../page/face.ts'
import { type MortalBrowser, mortalBrowser } from './browser.ts'
import type { Cluster, Row } from './cluster.ts'
import { type CollectorProcess, startCollector } from './collector.ts'
import { type Edge, openEdge } from './edge.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { type Line, openLine } from './line.ts'
import type { Site } from './site.ts'
import { type Visitor, visitorOf } from './visitor.ts'
import type { Without } from './without.ts'

/** What all cases share. */
export interface Rig {
  cluster: Cluster
  browser: Browser
  site: Site
  /** Where the small disk of the cluster is, where it has one. */
  disk?: string
}

/** The world. */
export interface World extends Rig {
  /** What this run is without: it is a control. */
  without: Without | undefined
  /** Between the pages and the collector. */
  edge: Edge
  /** Between the collector and Postgres. */
  line: Line
  ledger: Ledger
  database: string
  key: string
  /** The collector that the edge leads to. */
  collector: CollectorProcess
  /** Asks the database as the superuser. */
  ask(text: string, params?: string[]): Promise<Row[]>
  /** The collector's way to the database, as an address. */
  path: string
  /** Starts another collector; the edge does not lead there yet. */
  another(path?: string): Promise<CollectorProcess>
  /** Starts a collector and leads the edge there. */
  replace(path?: string): Promise<void>
  /** A visitor with an empty profile. */
  visitor(): Promise<Visitor>
  /** A browser that can be killed, and its visitor. */
  mortal(): Promise<{ browser: MortalBrowser; again(): Promise<Visitor> }>
  /** Makes a key of the case's project. */
  addKey(): Promise<string>
  /** Waits until `look` holds; false where it does not within `ms`. */
  until(look: () => unknown, ms?: number): Promise<boolean>
  sleep(ms: number): Promise<unknown>
  /** All faults are over: the time from here to the last row is the recovery. */
  heal(): void
  /**
   * Waits until everything that was accepted is stored or reported, and nothing is on its way.
   * What is not there by then counts as lost.
   */
  settle(): Promise<void>
  /** Notes a broken expectation. */
  expect(holds: unknown, sentence: string): void
  broken: string[]
  /** The longest that `settle()` had to wait, in ms. */
  waited: number
  /** Seconds from `heal()` to the last row. */
  recovery: number | undefined
  close(): Promise<void>
}

async function addProject(ask: World['ask']): Promise<() => Promise<string>> {
  await ask(`select nunchi.create_project('{"name":"faults"}')`)
  return async () => {
    const key = createKey('pub')
    const hash = createHash('sha256').update(key).digest('hex')
    await ask(
      `select nunchi.create_key(jsonb_build_object('projectId', (select id from nunchi.projects),
         'environment', 'production', 'kind', 'pub', 'hash', $1::text, 'hint', $2::text))`,
      [hash, key.slice(-6)],
    )
    return key
  }
}

async function until(look: () => unknown, ms = 20_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await look()) return true
  return false
}

/**
 * Opens the world of a case.
 *
 * @param patience how long `settle()` waits, in ms
 * @param without what a control takes out
 */
export async function openWorld(rig: Rig, patience: number, without?: Without): Promise<World> {
  const { cluster, browser, site } = rig
  const database = `case_${randomBytes(6).toString('hex')}`
  await cluster.create(database)
  const ask: World['ask'] = (text, params) => cluster.ask(database, text, params)
  if (without?.database) await ask(without.database)
  const addKey = await addProject(ask)
  const key = await addKey()
  const line = await openLine(cluster.port)
  const direct = `postgres://nunchi_app:nunchi@127.0.0.1:${line.port}/${database}`
  const another = (path = direct) =>
    startCollector(path, without?.collector).then((collector) => {
      collectors.push(collector)
      return collector
    })
  const collectors: CollectorProcess[] = []
  const first = await another()
  const edge = await openEdge(first.port)
  const ledger = openLedger(ask)
  const closers: (() => Promise<unknown>)[] = []
  const visitors: Visitor[] = []
  const defaults: StartOptions = { key, host: edge.url, without: without?.page }
  let healed: number | undefined

  const welcome = async (context: Parameters<typeof visitorOf>[0]) => {
    const { hear, accept } = ledger
    const visitor = await visitorOf(context, { site: site.url, defaults, hear, accept })
    visitors.push(visitor)
    return visitor
  }

  const world: World = {
    ...rig,
    without,
    edge,
    line,
    ledger,
    database,
    key,
    collector: first,
    ask,
    another,
    path: direct,
    async replace(path) {
      world.collector = await another(path)
      edge.target = world.collector.port
    },
    async visitor() {
      const context = await browser.newContext()
      closers.push(() => context.close())
      return welcome(context)
    },
    async mortal() {
      const mortal = mortalBrowser()
      closers.push(mortal.close)
      return { browser: mortal, again: async () => welcome(await mortal.start()) }
    },
    addKey,
    until,
    sleep,
    heal() {
      healed = Date.now()
    },
    async settle() {
      const from = Date.now()
      const whole = async () => (await ledger.missing().catch(() => [''])).length === 0
      await until(whole, patience)
      world.waited = Math.max(world.waited, Date.now() - from)
      if (healed !== undefined) world.recovery = (Date.now() - healed) / 1000
      // What may still be on its way could come twice.
      await until(() => edge.open === 0, 1_000)
      await sleep(300)
    },
    expect(holds, sentence) {
      if (!holds) world.broken.push(sentence)
    },
    broken: [],
    waited: 0,
    recovery: undefined,
    async close() {
      for (const { errors } of visitors)
        for (const error of errors) world.broken.push(`The page threw: ${error}`)
      for (const close of closers) await close().catch(() => {})
      await edge.close()
      await Promise.all(collectors.map((collector) => collector.kill()))
      await line.close()
      await cluster.up()
      await cluster.drop(database)
    },
  }
  return world
}
