/** The budget of tokens, asked for by many at once: what is given out never exceeds it, and what was not used comes back. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { type InsightGateway, keyInsights } from './gateway.ts'

describePostgres('the budget of a project’s day', (server) => {
  let db: TestDatabase
  let projectId: string
  beforeAll(async () => {
    db = await createDatabase(server)
    const made = await db.owner.call<{ projectId: string }>('create_project', { name: 'Shop' })
    projectId = made.projectId
  })
  afterAll(() => db?.drop())

  /** A key of its own for each environment. */
  async function gateway(environment: string): Promise<InsightGateway> {
    const hash = (environment === 'production' ? 'a' : 'b').repeat(64)
    await db.owner.call('create_key', { projectId, environment, kind: 'srv', hash, hint: 'x' })
    return keyInsights(db.app, hash, { projectId, environment })
  }
  const cacheKey = (i: number) => String(i).padStart(64, '0')

  it('is one for all environments and keys, holds when forty ask at once, and takes back what was not used', async () => {
    const gateways = [await gateway('production'), await gateway('staging')]
    const ask = (i: number) => gateways[i % 2]!.begin({ cacheKey: cacheKey(i), reserve: 100, budget: 1_050 })
    const begun = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)))
    const granted = begun.filter((one) => 'granted' in one && one.granted) as { day: string }[]
    expect(granted).toHaveLength(10)
    const written = {
      compatibility: 'a',
      reasons: ['b'],
      starters: ['c', 'd', 'e'] as [string, string, string],
    }
    const [{ day }] = granted as [{ day: string }]
    await Promise.all(
      granted.map((_, i) =>
        gateways[0]!.end({
          day,
          reserved: 100,
          used: 40,
          keep: { cacheKey: cacheKey(i), answer: written, keepMs: 60_000 },
        }),
      ),
    )
    const [usage] = await db.sql`select tokens::int, calls::int, refused::int from nunchi.insight_usage`
    expect(usage).toEqual({ tokens: 400, calls: 10, refused: 30 })
    expect(await ask(40), 'there is room again').toMatchObject({ granted: true })
    expect(await ask(0), 'what was kept costs nothing').toEqual({ answer: written })
    expect(await ask(1), 'and is not another environment’s').toMatchObject({ granted: true })
    expect(await db.owner.call('insight_usage_today', {})).toEqual([
      { project: 'Shop', tokens: 600, calls: 12, refused: 30 },
    ])
  })
})
