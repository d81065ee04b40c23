/** A collector over PGlite with a project, its keys, and events that were processed: what the overview's tests look at. */

import type { PGlite } from '@electric-sql/pglite'
import { createKey, type Event } from '@nunchi/protocol'
import { type Collector, createCollector, everything, pglite } from '../src/index.ts'
import { sha256Hex } from '../src/sha256.ts'
import { migratedPglite } from './migrated-pglite.ts'
import { someBatch, someEvent } from './rig.ts'

/** What the tests hold. */
export interface OverviewWorld {
  db: PGlite
  collector: Collector
  lines: string[]
  /** A key that may read the overview, one that may do everything, and one of pages. */
  keys: { overview: string; all: string; pub: string }
  addKey(kind: 'pub' | 'srv', scopes: string[], project?: string): Promise<string>
  revoke(key: string): Promise<void>
  /** Sends events as a page with this User-Agent, and processes them. */
  send(events: Partial<Event>[], userAgent?: string): Promise<void>
  close(): Promise<void>
}

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** Makes one. */
export async function overviewWorld(): Promise<OverviewWorld> {
  const db = await migratedPglite()
  const owner = pglite(db, { role: 'nunchi_owner' })
  const lines: string[] = []
  const collector = createCollector({
    storage: pglite(db),
    use: everything(),
    groupCommitMs: 0,
    keyCacheMs: 1,
    country: 'cloudflare',
    insights: {},
    log: (line) => lines.push(line),
  })

  const addKey: OverviewWorld['addKey'] = async (kind, scopes, project = '찻집') => {
    const { projectId } = await owner.call<{ projectId: string }>('create_project', {
      name: project,
      timezone: 'Asia/Seoul',
    })
    const key = createKey(kind)
    const [hash, hint] = [await sha256Hex(key), key.slice(-4)]
    await owner.call('create_key', { projectId, environment: 'production', kind, hash, hint, scopes })
    return key
  }
  const keys = {
    overview: await addKey('srv', ['overview:read']),
    all: await addKey('srv', []),
    pub: await addKey('pub', []),
  }

  return {
    db,
    collector,
    lines,
    keys,
    addKey,
    async revoke(key) {
      await owner.call('revoke_key', { hash: await sha256Hex(key) })
    },
    async send(events, userAgent = firefox) {
      const response = await collector.fetch(
        new Request(`https://collector.example/v1/events?key=${keys.pub}`, {
          method: 'POST',
          headers: { 'user-agent': userAgent, 'cf-ipcountry': 'KR' },
          body: JSON.stringify(someBatch(events.map((event) => someEvent(event)))),
        }),
      )
      const ack = (await response.json()) as { accepted: number }
      if (ack.accepted !== events.length) throw new Error(`stored ${JSON.stringify(ack)}`)
      while ((await owner.call<{ more: boolean }>('process', {})).more);
    },
    async close() {
      await collector.close()
      await db.close()
    },
  }
}
