/** Serves the demo: the shop on one port, its collector on the next, and a database under both. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bold,
  CliError,
  dataFolder,
  dim,
  expectFreePort,
  explainPort,
  keyHash,
  type LocalCollector,
  localCollector,
  print,
  readPort,
  report,
  untilStopped,
} from '@nunchi/cli'
import { type Serving, serveCollector } from '@nunchi/collector/node'
import { shopApp } from './server/app.ts'
import { pretendVisitors } from './server/crowd.ts'
import { publishExperiments } from './server/experiments.ts'
import { loadItems } from './server/items.ts'
import { type Network, network } from './server/network.ts'
import { layoutResults, publishMetrics } from './server/results.ts'
import { visitorRows } from './server/rows.ts'

const host = '127.0.0.1'
const remedy = 'PORT=4800 npm start'

const project = 'demo shop'
const anotherKey = `      npm run nunchi -- keys create --project "${project}" --environment development --kind srv --scopes overview:read`

const step = (text: string): void => print(dim(`${text} …`))

/** The shop's port, from `PORT`; the collector's is the next one. */
async function choosePort(): Promise<number> {
  const port = readPort(process.env['PORT'] || '4700', 'PORT')
  if (port === 0 || port === 65_535)
    throw new CliError(
      'usage',
      `PORT is ${port}; it must be from 1 to 65534, since the collector takes the next one.`,
    )
  await expectFreePort(port, host, remedy)
  await expectFreePort(port + 1, host, remedy)
  return port
}

/** The config in force, as the collector would answer it, its port open or not. */
async function configText({ collector, key }: LocalCollector): Promise<string> {
  const answer = await collector.fetch(new Request(`http://${host}/v1/config?key=${encodeURIComponent(key)}`))
  return answer.ok ? answer.text() : ''
}

async function openShop(
  local: LocalCollector,
  sdk: string,
  port: number,
  switchable: Network,
): Promise<Serving> {
  const collector = `http://localhost:${port + 1}`
  const config = () => configText(local)
  const app = shopApp({
    key: local.key,
    collector,
    files: join(import.meta.dirname, 'public'),
    sdk,
    config,
    rows: visitorRows(local.database, local.projectId, keyHash(local.key)),
    network: switchable,
    results: layoutResults(local.database.owner, local.projectId),
    crowd: pretendVisitors(collector, local.key, config),
  })
  const shop = { fetch: async (request: Request) => app.fetch(request), drain() {}, async close() {} }
  return serveCollector({ collector: shop, port, host })
}

function welcome(port: number, { database, key, overviewKey }: LocalCollector): void {
  print()
  print(`  ${bold(`The shop is open:  http://localhost:${port}`)}`)
  print()
  print(`  results     http://localhost:${port}/results`)
  print(`  collector   http://localhost:${port + 1}`)
  print(`  overview    http://localhost:${port + 1}/overview`)
  if (overviewKey) print(`    its key   ${overviewKey}  ${dim('(shown this once)')}`)
  else
    print(
      dim(`    its key   was shown at the first start; another, while the shop is closed:\n${anotherKey}`),
    )
  print(`  database    ${database.label}`)
  print(`  public key  ${key}`)
  if (database.urls?.one)
    print(dim('  One address migrates and serves: fine for a trial. Before you deploy, ask: nunchi doctor'))
  print()
  print(dim('  Ctrl-C stops it; the events stay.'))
}

async function start(buildSdk: () => Promise<string>): Promise<void> {
  const port = await choosePort()
  step('Building the script tag')
  const sdk = await buildSdk()
  const local = await localCollector({ data: dataFolder, project, onStep: step, log: print })
  const open: (() => Promise<void>)[] = [local.close]
  const stop = async () => {
    for (const close of open.splice(0).reverse()) await close()
  }
  try {
    step('Laying out the cards')
    await publishExperiments(local.database.owner, local.projectId)
    await publishMetrics(local.database.owner, local.projectId)
    step('Filling the shelves')
    await loadItems(local.database.owner, local.projectId)
    step('Opening the doors')
    const switchable = await network(local.collector, port + 1, host)
    open.push(switchable.close)
    const shop = await openShop(local, sdk, port, switchable)
    open.push(() => shop.close())
  } catch (error) {
    await stop()
    throw explainPort(error, port, remedy)
  }
  const stopped = untilStopped(async () => {
    print('\nStopping: finishing what is under way …')
    await stop()
    print('Stopped. The events are kept.')
  })
  welcome(port, local)
  await stopped
}

async function findSdk(): Promise<string> {
  const sdk = fileURLToPath(
    new URL('dist/nunchi-recommendations.global.js', import.meta.resolve('nunchi/package.json')),
  )
  if (existsSync(sdk)) return sdk
  throw new CliError('usage', 'The script tag is not built yet; run the demo by: npm start')
}

/**
 * Runs the demo until it is stopped.
 *
 * @param buildSdk makes the script tag and answers its path
 * @returns the exit code; a failure was printed
 */
export async function demo(buildSdk: () => Promise<string> = findSdk): Promise<0 | 1 | 2> {
  try {
    await start(buildSdk)
    return 0
  } catch (error) {
    return report(error)
  }
}

if (import.meta.main) process.exitCode = await demo()
