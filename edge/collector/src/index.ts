/** The collector: what receives events and answers for them. */
export { type Collector, createCollector } from './app.ts'
export type { App, Env, Services, Surroundings, Use } from './env.ts'
export { type EverythingOptions, everything } from './everything.ts'
export {
  type ImportedRows,
  type Importer,
  type ImporterOptions,
  importer,
  type LegacyRow,
  type RefusedRow,
} from './importer.ts'
export type { Log, LogLevel, LogSink } from './log.ts'
export type { CollectorOptions, Options } from './options.ts'
export { Problem, type ProblemOptions } from './problem.ts'
// biome-ignore format: one line a file
export { config, configStream, events, health, jobs, manage, metrics, ofrep, overview, results, script, segment } from './routes.ts'
export type { CheckedBatch, Outcome, Sink } from './sink/sink.ts'
export { type MigrationState, migrateDown, migrateUp, migrationStatus } from './storage/migrate.ts'
export { type Migration, MigrationError, type MigrationSession, type SqlSource } from './storage/migration.ts'
export { pglite, pgliteSession } from './storage/pglite.ts'
export { postgres, postgresSession } from './storage/postgres.ts'
export { type Claims, type Storage, sqlState } from './storage/storage.ts'
export { supabase } from './storage/supabase.ts'
