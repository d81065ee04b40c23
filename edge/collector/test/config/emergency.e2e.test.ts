/** An emergency: a flag disabled at one collector reaches visible tabs of another, and new ones, over one Postgres. */
import { createHash } from 'node:crypto'
import { createKey } from '@nunchi/protocol'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumHint } from '../../../../scripts/lib/chromium.ts'
import { type Serving, serveCollector } from '../../deploy/node/index.ts'
import { createCollector, everything } from '../../src/index.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../postgres.ts'
import { newId } from '../rig.ts'
import { type Browsing, openBrowsing } from './browsing.ts'

interface Heard {
  at: number
  version: string
  on: boolean
}

describePostgres('an emergency', (server) => {
  let db: TestDatabase
  let instances: Serving[]
  let browsing: Browsing | undefined
  let keys: { pub: string; srv: string }

  beforeAll(async () => {
    ;[db, browsing] = await Promise.all([createDatabase(server), openBrowsing()])
    const { projectId } = await db.owner.call<{ projectId: string }>('create_project', { name: newId() })
    const addKey = async (kind: 'pub' | 'srv') => {
      const key = createKey(kind)
      const hash = createHash('sha256').update(key).digest('hex')
      await db.owner.call('create_key', {
        projectId,
        environment: 'production',
        kind,
        hash,
        hint: key.slice(-4),
      })
      return key
    }
    keys = { pub: await addKey('pub'), srv: await addKey('srv') }
    const serve = () =>
      serveCollector({
        collector: createCollector({ storage: db.app, use: everything(), log: () => {} }),
        port: 0,
      })
    instances = [await serve(), await serve()]
  }, 120_000)
  afterAll(async () => {
    await browsing?.close()
    for (const one of instances ?? []) await one.close(0)
    await db?.drop()
  })

  const manage = async (at: Serving, method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${keys.srv}`, 'content-type': 'application/json' }
    const response = await fetch(`${at.url}/v1/manage${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    })
    expect(response.status, await response.clone().text()).toBe(200)
    return (await response.json()) as { version: string }
  }
  const heard = (page: Page) => page.evaluate('heard') as Promise<Heard[]>

  it('reaches a visible tab of either instance, and a new tab sees nothing older', async ({ skip }) => {
    if (!browsing) return skip(chromiumHint)
    const [here, there] = instances as [Serving, Serving]
    await manage(here, 'PUT', '/flags/checkout', { type: 'boolean', value: true })
    const pages = await Promise.all(
      [here, there].map(({ url }) => browsing!.open('event-source', keys.pub, url)),
    )
    for (const page of pages) await page.waitForFunction('heard.some(({ on }) => on)')

    const { version } = await manage(here, 'POST', '/flags/disable', { pattern: 'check*' })
    const thrown = Date.now()
    for (const page of pages) await page.waitForFunction('heard.some(({ on }) => !on)')
    const arrived = (await Promise.all(pages.map(heard))).map((all) => all.find(({ on }) => !on)!)
    for (const one of arrived) expect(one.version).toBe(version)
    // Whoever hears of it late hears of nothing older after it.
    for (const all of await Promise.all(pages.map(heard)))
      expect(all.at(-1)).toMatchObject({ version, on: false })

    const late = await browsing.open('event-source', keys.pub, there.url)
    expect(await heard(late)).toMatchObject([{ version, on: false }])
    console.info(
      `disable reached the tab of the same instance after ${arrived[0]!.at - thrown} ms, of the other after ${arrived[1]!.at - thrown} ms`,
    )
    expect(browsing.errors).toEqual([])
  }, 60_000)
})
