/** Replaying exposures by the command line: what agrees, and a row that somebody tampered with. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pglite } from '@nunchi/collector'
import { ownerGateway, publishChange } from '@nunchi/collector/manage'
import {
  type ConfigDefinition,
  compile,
  type Event,
  type ExperimentDefinition,
  evaluateExperiment,
  fullEvaluator,
  publish,
} from '@nunchi/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { migratedFolder } from '../../../collector/test/migrated-pglite.ts'
import { createDatabase, describePostgres } from '../../../collector/test/postgres.ts'
import { addSender, drain, type Ground, type Sender } from '../../../collector/test/processing.ts'
import { someEvent } from '../../../collector/test/rig.ts'
import { cli } from '../../test/in-process.ts'

const experiment = (more: Partial<ExperimentDefinition> = {}): ExperimentDefinition => ({
  name: 'Price first',
  hypothesis: 'Showing the price first sells more tea.',
  status: 'running',
  revision: 1,
  variants: [
    { key: 'control', weight: 400_000, isControl: true },
    { key: 'first', weight: 600_000 },
  ],
  ...more,
})
const definition: ConfigDefinition = {
  flags: {},
  holdouts: { everybody: { coverage: 50_000 } },
  experiments: {
    price: experiment({
      // Taken as recorded: exposures do not carry the country, nor the visitor behind a company.
      condition: { country: 'KR' },
      namespaces: [{ name: 'shop', ranges: [[0, 800_000]] }],
      coverage: 900_000,
    }),
    team: experiment({
      attribute: 'company',
      fallback: 'anonymousId',
      holdouts: ['everybody'],
      hashVersion: 2,
    }),
    // SQL does not know what a page's address is.
    address: experiment({ urls: [{ type: 'simple', pattern: '/tea' }], minBucketVersion: 0 }),
  },
}
const config = publish(definition)
const compiled = compile(config, fullEvaluator)

/** What the SDK would send of visitors who open the page of tea in Korea. */
function exposures(): Event[] {
  return Array.from({ length: 40 }, (_, i) => ({
    anonymousId: `a${i}`,
    country: 'KR',
    company: i % 2 ? `c${i}` : '',
  }))
    .flatMap((visitor) =>
      Object.keys(config.experiments).map((key) =>
        evaluateExperiment(compiled, key, visitor, { url: 'https://x.example/tea' }),
      ),
    )
    .filter(({ assigned }) => assigned)
    .map(({ experiment, variant, revision, attribute, unit }) =>
      someEvent({
        name: 'Experiment Viewed',
        properties: { experiment, variant, revision, configVersion: config.version, attribute, unit },
      }),
    )
}

/** Publishes, exposes, processes; and a few exposures that assign nobody. */
async function fill(ground: Ground): Promise<Sender> {
  const sender = await addSender(ground)
  const whose = { projectId: sender.projectId, environment: 'production' }
  const change = { definition, reason: 'test', subject: 'config', before: null, after: null }
  await publishChange(ownerGateway(ground.owner, whose, 'test'), () => change)
  await sender.send(exposures())
  const odd = (properties: object) => someEvent({ name: 'Experiment Viewed', properties })
  const good = exposures()[0]!.properties!
  await sender.send([
    odd({}),
    odd({ ...good, configVersion: 'x' }),
    odd({ ...good, overridden: true }),
    someEvent(),
  ])
  await drain(ground)
  return sender
}

interface Place {
  data: string[]
  /** Does something to the database, while no command has it open. */
  meanwhile(use: (ground: Ground) => Promise<unknown>): Promise<void>
}

function suite(place: () => Place): void {
  let project: string
  const replay = (...words: string[]) => cli('replay', ...words, '--project', project, ...place().data)
  beforeAll(() =>
    place().meanwhile(async (ground) => {
      const { projectId } = await fill(ground)
      const [row] = await ground.query(`select name from nunchi.projects where id = '${projectId}'`)
      project = row?.['name'] as string
    }),
  )
  const tamper = (text: string) => place().meanwhile(({ query }) => query(text))
  const events = exposures()

  it('refuses a moment that is none', async () => {
    for (const since of ['2026-02-30', 'yesterday', '2026-11-01T25:00'])
      expect(await replay('--since', since)).toMatchObject({
        code: 2,
        err: expect.stringContaining('--since is'),
      })
  })

  it('finds a stored variant that somebody changed, by the evaluator and by SQL, and fails', async () => {
    const { unit, variant } = events[0]!.properties as { unit: string; variant: string }
    const other = variant === 'first' ? 'control' : 'first'
    await tamper(
      `update nunchi.experiment_assignments set variant = '${other}' where experiment = 'price' and unit = '${unit}'`,
    )
    const ran = await replay()
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('1 stored exposures are not') })
    expect(ran.out).toMatch(
      new RegExp(`assignments +production/price +${unit} +${other} +${variant} +${variant} +[\\da-f]{8}-`),
    )
    expect(await replay('--experiment', 'team')).toMatchObject({ code: 0 })
    await tamper(
      `update nunchi.experiment_assignments set variant = '${variant}' where experiment = 'price' and unit = '${unit}'`,
    )
  })

  it('finds a unit that was never in, in what was sent', async () => {
    const out = Array.from({ length: 99 }, (_, i) => `x${i}`).find(
      (unit) =>
        evaluateExperiment(compiled, 'price', { anonymousId: unit, country: 'KR' }).reason === 'namespace',
    )
    const set = (unit: string, was: string) => `update nunchi.analytics_events
      set properties = properties || '{"unit": "${unit}"}' where properties @> '{"experiment": "price", "unit": "${was}"}'
        and name = 'Experiment Viewed' and not properties ? 'overridden' and properties ->> 'configVersion' <> 'x'`
    const { unit } = events[0]!.properties as { unit: string }
    await tamper(set(out!, unit))
    const ran = await replay('--json')
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.out).differ).toMatchObject([
      { source: 'events', evaluator: null, sql: null, exposure: { unit: out } },
    ])
    await tamper(set(unit, out!))
  })

  it('derives every variant again, and says how many had none to derive', async () => {
    const { code, out } = await replay()
    expect(code).toBe(0)
    expect(out).toContain(
      `✓ ${events.length} assignments and ${events.length + 2} exposures replayed, 0 differ`,
    )
    expect(out).toContain('2 of the exposures assign nobody')
    const { withoutSql, faulty } = JSON.parse((await replay('--json')).out)
    expect([withoutSql, faulty], 'namespaces, coverage, version 2 and a fallback are all in SQL').toEqual([
      2 * events.filter(({ properties }) => properties?.['experiment'] === 'address').length,
      2,
    ])
  })

  it('looks only at what is asked for', async () => {
    const told = async (...words: string[]) => JSON.parse((await replay('--json', ...words)).out)
    expect(await told('--environment', 'staging')).toMatchObject({ assignments: 0, events: 0 })
    expect(await told('--since', '2099-01-01')).toMatchObject({ assignments: 0, events: 0 })
    expect(await told('--since', '2020-01-01T00:00')).toMatchObject({ assignments: events.length })
  })
}

describe('nunchi replay, on a folder', () => {
  let dir: string
  beforeAll(async () => {
    vi.stubEnv('DATABASE_URL', '')
    vi.stubEnv('NUNCHI_MIGRATE_URL', '')
    dir = mkdtempSync(join(tmpdir(), 'nunchi-replay-'))
    await migratedFolder(join(dir, 'db'))
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true, force: true })
  })
  suite(() => ({
    data: ['--data', join(dir, 'db')],
    async meanwhile(use) {
      const db = await PGlite.create(join(dir, 'db/pg'))
      const query = async (text: string) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[]
      await use({ app: pglite(db), owner: pglite(db, { role: 'nunchi_owner' }), query })
      await db.close()
    },
  }))
})

describePostgres('nunchi replay', (server) => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  beforeAll(async () => {
    database = await createDatabase(server)
    vi.stubEnv('DATABASE_URL', database.appUrl)
    vi.stubEnv('NUNCHI_MIGRATE_URL', database.url)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await database?.drop()
  })
  suite(() => ({
    data: [],
    async meanwhile(use) {
      const { app, owner, sql } = database
      await use({ app, owner, query: async (text) => [...(await sql.unsafe(text))] })
    },
  }))
})
