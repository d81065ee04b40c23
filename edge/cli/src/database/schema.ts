/** Brings a database's schema up or down, and gives the collector's login its password. */
import { setTimeout } from 'node:timers/promises'
import {
  type Migration,
  type MigrationSession,
  type MigrationState,
  migrateDown,
  migrateUp,
  migrationStatus,
} from '@nunchi/collector'
import { loadSql } from '@nunchi/collector/node'
import type { Database } from './open.ts'
import { scramVerifier } from './scram.ts'
import { appPassword } from './urls.ts'

/** Roles belong to the whole cluster: two databases that migrate at once may both be at this one. */
async function setPassword(session: MigrationSession, password: string): Promise<void> {
  // The verifier's letters are those of base64, $ and :, so that it needs no quoting; DDL takes no parameters.
  const statement = `alter role nunchi_app login password '${scramVerifier(password)}'`
  for (let attempt = 1; ; attempt++)
    try {
      return await session.exec(statement)
    } catch (error) {
      if (attempt === 10 || !/concurrently updated/.test(String(error))) throw error
      await setTimeout(50 * attempt * Math.random())
    }
}

/** Applies what is missing. With two addresses, `nunchi_app` gets the password that DATABASE_URL has for it. */
export async function bringUp({ session, urls }: Database): Promise<Migration[]> {
  const applied = await migrateUp(session, loadSql())
  const password = urls && !urls.one ? appPassword(urls.serve) : undefined
  if (password !== undefined) await setPassword(session, password)
  return applied
}

/** Takes the newest `steps` migrations down, with their data. */
export async function takeDown({ session }: Database, steps: number): Promise<Migration[]> {
  return migrateDown(session, loadSql(), steps)
}

/** Every migration and when it was applied. */
export async function schemaStatus({ session }: Database): Promise<MigrationState[]> {
  return migrationStatus(session, loadSql())
}
