/** Serves the example: the page on one port, its collector on the next, and a database of its own under both. */
import { join } from 'node:path'
import {
  bold,
  CliError,
  dim,
  expectFreePort,
  explainPort,
  localCollector,
  print,
  readPort,
  report,
  untilStopped,
} from '@nunchi/cli'
import { serveCollector } from '@nunchi/collector/node'
import { clubApp } from './server/app.ts'
import { openClub } from './server/club.ts'

const host = '127.0.0.1'
const remedy = 'PORT=4810 npm run example:matching'

async function choosePort(): Promise<number> {
  const port = readPort(process.env['PORT'] || '4710', 'PORT')
  if (port === 0 || port === 65_535)
    throw new CliError(
      'usage',
      `PORT is ${port}; it must be from 1 to 65534, since the collector takes the next one.`,
    )
  await expectFreePort(port, host, remedy)
  await expectFreePort(port + 1, host, remedy)
  return port
}

async function start(data: string): Promise<void> {
  const port = await choosePort()
  // Why two fit is written from templates, without any model, unless the environment says otherwise.
  process.env['FEATURE_AI_INSIGHTS'] ??= 'true'
  const local = await localCollector({
    data,
    project: 'people like you',
    onStep: (text) => print(dim(`${text} …`)),
    log: print,
  })
  const open: (() => Promise<unknown>)[] = [local.close]
  const stop = async () => {
    for (const close of open.splice(0).reverse()) await close()
  }
  try {
    const signIn = await openClub(local)
    const collector = await serveCollector({ collector: local.collector, port: port + 1, host })
    open.push(() => collector.close())
    const app = clubApp({
      key: local.key,
      collector: `http://localhost:${port + 1}`,
      files: join(import.meta.dirname, 'public'),
      signIn,
    })
    const page = { fetch: async (request: Request) => app.fetch(request), drain() {}, async close() {} }
    const serving = await serveCollector({ collector: page, port, host })
    open.push(() => serving.close())
  } catch (error) {
    await stop()
    throw explainPort(error, port, remedy)
  }
  const stopped = untilStopped(stop)
  print(`\n  ${bold(`The club is open:  http://localhost:${port}`)}\n`)
  print(dim('  Ctrl-C stops it; what was said stays.'))
  await stopped
}

/**
 * Runs the example until it is stopped.
 *
 * @param data the folder of its database
 * @returns the exit code; a failure was printed
 */
export async function matchingExample(
  data: string = process.env['NUNCHI_DATA'] || join(import.meta.dirname, '.nunchi'),
): Promise<0 | 1 | 2> {
  try {
    await start(data)
    return 0
  } catch (error) {
    return report(error)
  }
}

if (import.meta.main) process.exitCode = await matchingExample()
