/** A real collector on a database of its own, for the tests of examples: with the tea shop's flag and experiment. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localCollector } from '@nunchi/cli'
import { serveCollector } from '@nunchi/collector/node'
import { migratedFolder } from '../../../edge/collector/test/migrated-pglite.ts'

/** An event as it was stored. */
export interface StoredEvent {
  name: string
  anonymous_id: string
  properties: { [name: string]: unknown }
}

/** A running collector. */
export interface OpenCollector {
  url: string
  /** The public key. */
  key: string
  /** The stored events of a name, oldest first. */
  rows(name: string): Promise<StoredEvent[]>
  /** Changes something by the manage API, as a person would. */
  manage(method: string, path: string, body?: object): Promise<void>
  close(): Promise<void>
}

const hero = {
  name: 'Headline',
  hypothesis: 'A bolder headline has more visitors order, since it says why.',
  variants: [
    { key: 'calm', weight: 0, isControl: true },
    { key: 'bold', weight: 1_000_000 },
  ],
}

/** What goes with tea. */
const things = [
  ['cup', 'Celadon cup', 'clay'],
  ['bowl', 'Tea bowl', 'clay'],
  ['whisk', 'Bamboo whisk', 'bamboo'],
  ['scoop', 'Bamboo scoop', 'bamboo'],
  ['tray', 'Bamboo tray', 'bamboo'],
  ['honey', 'Chestnut honey', 'sweet'],
].map(([id, title, tag]) => ({ id, type: 'things', title, tags: [tag] }))

/** Starts it. */
export async function openCollector(): Promise<OpenCollector> {
  const data = mkdtempSync(join(tmpdir(), 'nunchi-example-'))
  const { DATABASE_URL, NUNCHI_MIGRATE_URL, ...env } = process.env
  process.env = env
  await migratedFolder(data)
  const local = await localCollector({ data, project: 'tea', onStep() {}, log() {} })
  const { collector, database, projectId, key, serverKey, close } = local
  const serving = await serveCollector({ collector, port: 0, host: '127.0.0.1' })
  const headers = { authorization: `Bearer ${serverKey}`, 'content-type': 'application/json' }
  let closed = false
  const open: OpenCollector = {
    url: serving.url,
    key,
    rows: (name) =>
      database.session.transaction(async (inner) => {
        await inner.exec('set local role nunchi_owner')
        const text =
          'select name, anonymous_id, properties from nunchi.analytics_events where project_id = $1::uuid and name = $2 order by id'
        return (await inner.query(text, [projectId, name])) as unknown as StoredEvent[]
      }),
    async manage(method, path, body) {
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
      const answer = await fetch(`${serving.url}/v1/manage${path}`, init)
      if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
    },
    async close() {
      if (closed) return
      closed = true
      await serving.close(0)
      await close()
      rmSync(data, { recursive: true, force: true })
    },
  }
  const put = await fetch(`${serving.url}/v1/items`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ items: things }),
  })
  if (!put.ok) throw new Error(await put.text())
  await open.manage('PUT', '/flags/gift-note', { type: 'boolean', value: true })
  await open.manage('PUT', '/experiments/hero', hero)
  await open.manage('POST', '/experiments/hero/start')
  return open
}
