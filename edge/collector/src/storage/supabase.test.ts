import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSql } from '../../deploy/node/sql.ts'
import { createDatabase, describePostgres, type TestDatabase } from '../../test/postgres.ts'
import { type Postgrest, startPostgrest } from '../../test/postgrest.ts'
import { testStorage } from '../testing.ts'
import { sqlState } from './storage.ts'
import { supabase } from './supabase.ts'

const folder = join(import.meta.dirname, '../../deploy/supabase/migrations')

/** Supabase's roles, and its `postgres`: no superuser, but it may make roles. */
const roles = `
  create role anon nologin;
  create role authenticated nologin;
  create role service_role nologin bypassrls;
  create role authenticator login noinherit password 'authenticator';
  create role supabase_postgres login createrole bypassrls password 'postgres';
  grant anon, authenticated, service_role to authenticator;
  grant service_role, authenticator to supabase_postgres with admin option;`

describePostgres('supabase()', (server) => {
  let db: TestDatabase
  let endpoint: Postgrest
  const keys = { 'service-key': 'service_role', 'anon-key': 'anon' }

  beforeAll(async () => {
    db = await createDatabase(server, { migrate: false })
    await db.sql.unsafe(`do $$ begin ${roles} exception when duplicate_object then null; end $$`)
    await db.sql.unsafe(`alter database ${new URL(db.url).pathname.slice(1)} owner to supabase_postgres`)
    // Other test files' superuser may have made these roles first; on Supabase its postgres makes them.
    await db.sql.unsafe(`do $$ declare made text; begin
      for made in select rolname from pg_roles where rolname in ('nunchi_owner', 'nunchi_member', 'nunchi_app') loop
        execute format('grant %I to supabase_postgres with admin option', made);
      end loop; end $$`)
    const login = (username: string, password: string) =>
      Object.assign(new URL(db.url), { username, password }).href
    const maker = db.connect(login('supabase_postgres', 'postgres'), { max: 1 })
    for (const file of readdirSync(folder).sort())
      await maker.unsafe(readFileSync(join(folder, file), 'utf8'))
    endpoint = await startPostgrest(db.connect(login('authenticator', 'authenticator'), { max: 10 }), keys, [
      'public',
      'nunchi',
    ])
  })
  afterAll(async () => {
    await endpoint?.close()
    await db?.drop()
  })

  const client = (key: string, schema = 'nunchi') =>
    createClient(endpoint.url, key, { db: { schema }, auth: { persistSession: false } })

  describe('through @supabase/supabase-js, over the migrations folder', () => {
    testStorage({ it }, () => ({ app: supabase(client('service-key')), owner: db.owner }))
  })

  it('gives the public key nothing', async () => {
    for (const fn of ['health', 'ingest', 'as_member', 'find_key']) {
      const error = await supabase(client('anon-key'))
        .call(fn, {})
        .catch((reason: unknown) => reason)
      expect(sqlState(error), fn).toBe('42501')
    }
  })

  it('says that the schema is not exposed', async () => {
    await expect(supabase(client('service-key', 'hidden')).call('health', {})).rejects.toThrow(
      /health: The schema must be one of: public, nunchi/,
    )
  })

  it('refuses claims without a person', async () => {
    const call = supabase(client('service-key')).call('member_projects', {}, { claims: { sub: '' } })
    await expect(call).rejects.toThrow('as_member() needs claims with a sub.')
  })

  it('tells an endpoint that is away (08000: try again) from one that refuses', async () => {
    const away = createClient('http://127.0.0.1:1', 'service-key', { db: { schema: 'nunchi' } })
    const error = await supabase(away)
      .call('health', {})
      .catch((reason: unknown) => reason)
    expect(sqlState(error)).toBe('08000')
  })

  it('waits for running calls when it closes', async () => {
    const storage = supabase(client('service-key'))
    let ended = false
    const call = storage.call('health', {}).then(() => {
      ended = true
    })
    await storage.close()
    expect(ended).toBe(true)
    await call
  })

  it('books its migrations as the runner does', async () => {
    const [row] = await db.sql.unsafe(
      'select array_agg(version order by version) as versions from nunchi.schema_migrations',
    )
    expect(row?.['versions']).toEqual(loadSql().migrations.map(({ version }) => version))
  })
})
