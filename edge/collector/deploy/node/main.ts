/** Runs the collector on Node: settings from the environment, log to standard output, drains on SIGTERM. */
import { readFileSync } from 'node:fs'
import { createCollector } from '../../src/app.ts'
import { everything } from '../../src/everything.ts'
import { createLog, describeError, type Log } from '../../src/log.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { sqlState } from '../../src/storage/storage.ts'
import { ConfigError, type NodeConfig, readConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { nodeFetch } from './dial.ts'
import { notThereYet } from './features.ts'
import { serveCollector } from './index.ts'
import { startMaintenance } from './maintenance.ts'
import { openRedis } from './redis.ts'

const writeLine = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

function routes({ metricsToken, scriptFile, features }: NodeConfig) {
  return everything({
    experiments: features.abTesting,
    ...(metricsToken === undefined ? {} : { metrics: { token: metricsToken } }),
    ...(scriptFile === undefined ? {} : { script: { source: readFileSync(scriptFile, 'utf8') } }),
  })
}

/** Says at once what readiness would only show as a 503. */
async function greet(storage: Storage, log: Log): Promise<void> {
  try {
    await storage.call('health', {})
  } catch (error) {
    const missing = ['42883', '3F000', '42P01'].includes(sqlState(error) ?? '')
    const advice = missing
      ? 'run: nunchi migrate up'
      : 'it is asked again; meanwhile /health/ready answers 503'
    log.warn(`the database does not answer as it should: ${advice}`, { error: describeError(error) })
  }
}

async function run(): Promise<void> {
  const config = readConfig(process.env)
  const { port, host, trustedProxies, logLevel, groupCommitMs, country, ip, insights } = config
  const log = createLog(writeLine, logLevel)
  // A library's stray rejection is no reason to drop every request under way.
  process.on('unhandledRejection', (error) =>
    log.error('a rejection was left unhandled', { error: describeError(error) }),
  )
  const use = routes(config)
  const redis = config.redisUrl === undefined ? undefined : await openRedis(config.redisUrl)
  const storage = await openDatabase(config.database)
  const options = { trustedProxies, logLevel, groupCommitMs, country, ip, insights, log: writeLine }
  const collector = createCollector({
    storage,
    use,
    cache: redis?.cache,
    fetch: nodeFetch(config.privateHosts),
    ...options,
  })
  const serving = await serveCollector({ collector, port, host })
  log.info('listening', { url: serving.url })
  for (const variable of notThereYet(config.features))
    log.warn('a phase is switched on whose module is not part of this version; nothing changes by it', {
      variable,
    })
  await greet(storage, log)
  const maintenance = startMaintenance({ storage, log: writeLine, logLevel })

  const stop = async (signal: string): Promise<void> => {
    log.info('draining', { signal })
    await serving.close()
    // Together: what still runs there, the storage ends in its own time.
    await Promise.all([maintenance.close(), storage.close(), redis?.close()])
    log.info('stopped')
    process.exit(0)
  }
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (stopping) process.exit(1)
      stopping = true
      stop(signal).catch((error: unknown) => {
        log.error('could not stop in order', { error: describeError(error) })
        process.exit(1)
      })
    })
}

/** One sentence for what a person can mend. */
function sentence(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code } = error as { code?: string }
  if (code === 'EADDRINUSE') return 'The port is taken by another program; set PORT to a free one.'
  if (code === 'EACCES') return 'The port may not be opened by this user; set PORT to 1024 or more.'
  if (code === 'ENOENT') return `A file is missing: ${(error as Error).message}`
  return `The collector could not start: ${describeError(error)}`
}

// A log that nobody reads any more (a full disk, a closed pipe) must not stop the events.
process.stdout.on('error', () => {})

run().catch((error: unknown) => {
  console.error(sentence(error))
  process.exit(1)
})
