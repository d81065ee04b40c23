/** What the doctor says of each fact: what is dangerous fails, what is unwise warns, and each has its remedy. */
import { describe, expect, it } from 'vitest'
import type { Facts } from './facts.ts'
import { judge } from './judge.ts'

const role = { login: false, inherit: true, superuser: false, bypassRls: false }

const healthy: Facts = {
  serverVersion: '18.6 (Debian 18.6-1)',
  serverVersionNumber: 180006,
  schemaVersion: 2,
  codeVersion: 2,
  roles: {
    nunchi_owner: role,
    nunchi_app: { ...role, login: true, inherit: false },
    nunchi_member: role,
    nunchi_reader: role,
  },
  appReadsTables: [],
  tablesWithoutForcedRls: [],
  partitions: { names: [], monthsAhead: 3 },
  defaultRows: 0,
  queueState: { waiting: 0, oldestMs: 0, dead: 0, minutes: { failures: 0, latencyMs: 12, latencyMaxMs: 90 } },
  readers: [],
  configs: [],
  insights: { insights: false, faults: [], refused: undefined, usage: [] },
  projects: [],
  serving: {
    name: 'nunchi_app',
    superuser: false,
    bypassRls: false,
    synchronousCommit: 'on',
    supabase: false,
  },
  clockMs: 3,
  roundTripMs: 2,
  kind: 'two-urls',
  transactionPool: false,
  production: true,
}

/** The checks that differ from a healthy database's. */
function findings(change: Partial<Facts>) {
  return judge({ ...healthy, ...change })
    .filter(({ status }) => status !== 'ok')
    .map(({ name, status, detail, fix }) => {
      expect(fix, `${name} must say what to do`).toBeTruthy()
      return `${status} ${name}: ${detail}`
    })
}

const superuser = { ...healthy.serving, name: 'postgres', superuser: true }

describe('doctor', () => {
  it('finds nothing wrong with what is in order', () => {
    expect(findings({})).toEqual([])
    expect(judge(healthy)).toHaveLength(15)
  })

  it('compares the schema with this program', () => {
    expect(findings({ schemaVersion: null })).toEqual([
      'fail schema: the schema is at migration 0, this program at 2',
    ])
    expect(findings({ schemaVersion: 1 })).toHaveLength(1)
    expect(findings({ schemaVersion: 3 })).toEqual([
      "warn schema: the schema is at migration 3, newer than this program's 2",
    ])
    expect(findings({ serverVersion: '14.2', serverVersionNumber: 140002 })).toEqual([
      'fail server: Postgres 14.2 is older than 15',
    ])
  })

  it('refuses a superuser or bypassrls login in production, and warns elsewhere', () => {
    expect(findings({ serving: superuser })).toEqual([
      'fail login: the collector logs in as postgres, a superuser',
    ])
    expect(findings({ serving: superuser, production: false })).toEqual([
      'warn login: the collector logs in as postgres, a superuser',
    ])
    expect(findings({ serving: { ...superuser, superuser: false, bypassRls: true } })).toEqual([
      'fail login: the collector logs in as postgres, a login that bypasses row-level security',
    ])
  })

  it("excepts Supabase's own roles, on Supabase only and no others", () => {
    const bypass = { ...superuser, superuser: false, bypassRls: true, supabase: true }
    expect(findings({ serving: bypass })).toEqual([])
    expect(findings({ serving: { ...bypass, name: 'service_role' } })).toEqual([])
    expect(findings({ serving: { ...bypass, name: 'reporting' } })).toHaveLength(1)
    expect(findings({ serving: { ...bypass, supabase: false } })).toHaveLength(1)
  })

  it('lets a local database be what it is, unless it is said to be production', () => {
    expect(findings({ kind: 'folder', serving: superuser, production: false })).toEqual([])
    expect(findings({ kind: 'folder', serving: superuser, production: true })).toHaveLength(1)
  })

  it('asks for two addresses, and behind a transaction pooler requires them', () => {
    expect(findings({ kind: 'one-url' })).toEqual([
      'warn addresses: one address for everything: each call changes its role by itself',
    ])
    expect(findings({ kind: 'one-url', transactionPool: true })).toEqual([
      'fail addresses: one address for everything, and it is a pooler in transaction mode',
    ])
    expect(findings({ transactionPool: true })).toEqual([])
  })

  it('looks at roles, grants and row security', () => {
    expect(findings({ roles: { ...healthy.roles, nunchi_app: { ...role, login: true } } })).toEqual([
      'fail roles: nunchi_app should have inherit false',
    ])
    expect(findings({ roles: { ...healthy.roles, nunchi_member: undefined } })).toEqual([
      'fail roles: nunchi_member is missing',
    ])
    expect(findings({ roles: { ...healthy.roles, nunchi_owner: { ...role, bypassRls: true } } })).toEqual([
      'fail roles: nunchi_owner should have bypassRls false',
    ])
    expect(findings({ appReadsTables: ['api_keys'] })).toEqual(['fail grants: nunchi_app may touch api_keys'])
    expect(findings({ tablesWithoutForcedRls: ['a', 'b'] })).toEqual([
      'fail row security: not forced for a, b',
    ])
  })

  it('warns before the partitions run out, and fails when they have', () => {
    const ahead = (monthsAhead: number) => findings({ partitions: { names: [], monthsAhead } })
    expect(ahead(2)).toEqual([])
    expect(ahead(1)).toEqual(['warn partitions: 1 month ahead'])
    expect(ahead(0)).toEqual(['fail partitions: 0 months ahead'])
    expect(findings({ defaultRows: 1 })[0]).toMatch(/^warn default partition: 1 rows/)
    expect(findings({ defaultRows: 10_000 })[0]).toMatch(/^fail default partition: 10,000 or more rows/)
  })

  it('reports durability and the clock', () => {
    expect(findings({ serving: { ...healthy.serving, synchronousCommit: 'off' } })[0]).toMatch(
      /^fail durability: synchronous_commit is off/,
    )
    expect(findings({ clockMs: -6_000 })[0]).toMatch(/^warn clock: .* by 6000 ms/)
    expect(findings({ clockMs: 400_000 })[0]).toMatch(/^fail clock/)
    expect(findings({ clockMs: 6_000, roundTripMs: 3_000 }), 'a slow answer explains it').toEqual([])
  })
})
