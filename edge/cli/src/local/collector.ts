/** A collector for trying things out: opens the database, brings it up to date, makes keys; listens when told to. */
import { type Collector, createCollector, everything, type LogSink } from '@nunchi/collector'
import { insightsSettings, nodeFetch, startMaintenance } from '@nunchi/collector/node'
import { CliError } from '../cli-error.ts'
import { type Database, openDatabase } from '../database/open.ts'
import { bringUp } from '../database/schema.ts'
import { type ProjectKeys, prepareProject } from './project.ts'

/** What to start. */
export interface LocalOptions {
  /** The folder of the local database, where DATABASE_URL names no other. */
  data: string
  /** The project's name. */
  project: string
  /** Hears of each step as it begins, in words for the terminal. */
  onStep(step: string): void
  /** Takes the collector's log lines, warnings and worse. */
  log: LogSink
}

/** A collector that does not listen yet. */
export interface LocalCollector extends ProjectKeys {
  collector: Collector
  database: Database
  /** Commits what is under way and closes the database; stop listening first. */
  close(): Promise<void>
}

/**
 * Prepares everything but the port.
 *
 * @throws CliError where the database cannot be had, or the environment’s settings of insights are wrong
 */
export async function localCollector({ data, project, onStep, log }: LocalOptions): Promise<LocalCollector> {
  const { insights, privateHosts, faults } = insightsSettings(process.env)
  if (faults.length > 0) throw new CliError('usage', faults.join(' '))
  onStep('Opening the database')
  const database = await openDatabase({ data, create: true })
  try {
    onStep('Bringing its schema up to date')
    await bringUp(database)
    const keys = await prepareProject(database.owner, project)
    const collector = createCollector({
      storage: database.app,
      use: everything(),
      production: false,
      insights,
      fetch: nodeFetch(privateHosts),
      log,
      logLevel: 'warn',
    })
    const maintenance = startMaintenance({ storage: database.app, log, logLevel: 'warn' })
    const close = async () => {
      await collector.close()
      await maintenance.close()
      await database.close()
    }
    return { ...keys, collector, database, close }
  } catch (error) {
    await database.close()
    throw error
  }
}
