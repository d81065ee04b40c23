/** `nunchi dev`: a collector with a database of its own, ready to be sent events. */
import { serveCollector } from '@nunchi/collector/node'
import type { CommandDef } from 'citty'
import { command } from '../command.ts'
import { databaseArgs } from '../database/open.ts'
import { type LocalCollector, localCollector } from '../local/collector.ts'
import { untilStopped } from '../local/until-stopped.ts'
import { expectFreePort, explainPort, readPort } from '../port.ts'
import { bold, dim, print, yellow } from '../print.ts'
import { moduleCode, scriptTag } from '../snippet.ts'
import { version } from '../version.ts'

const args = {
  port: { type: 'string', description: 'The port to listen on', default: '4701' },
  host: { type: 'string', description: 'The address to listen on; 0.0.0.0 for all', default: '127.0.0.1' },
  project: { type: 'string', description: "The project's name", default: 'dev' },
  ...databaseArgs,
} as const

const overviewHint =
  'nunchi keys create --project NAME --environment development --kind srv --scopes overview:read'

const remedy = '--port 4801'

const indent = (text: string): string => text.replace(/^/gm, '  ')

function welcome(url: string, { key, serverKey, overviewKey, database }: LocalCollector): void {
  print()
  print(`${bold('The collector listens on')} ${url}`)
  print(`  database    ${database.label}`)
  print(`  public key  ${key}`)
  if (serverKey) print(`  server key  ${serverKey}  ${yellow('(shown this once)')}`)
  print(`  overview    ${url}/overview`)
  print(
    overviewKey
      ? `    its key   ${overviewKey}  ${yellow('(shown this once)')}`
      : dim(`    its key   ${overviewHint}`),
  )
  if (database.urls?.one)
    print(dim('  One address for everything is fine here; before you deploy, ask: nunchi doctor'))
  print(`\n${bold('In a page')}\n\n${indent(scriptTag(key, url, version))}`)
  print(`\n${bold('In a bundle')}\n\n${indent(moduleCode(key, url))}`)
  print(`\n${bold('Does it work?')}\n\n  nunchi verify ${url} --key ${key}\n`)
  print(dim('Ctrl-C stops it; the events stay.'))
}

/** Runs a collector for development. */
export const dev: CommandDef = command({
  meta: { name: 'dev', description: 'Run a collector with a local database: no account, no other server' },
  args,
  async run({ args: { port: text, host, project, data } }) {
    const port = readPort(text, '--port')
    await expectFreePort(port, host, remedy)
    const local = await localCollector({
      data,
      project,
      onStep: (step) => print(dim(`${step} …`)),
      log: (line) => print(line),
    })
    const serving = await serveCollector({ collector: local.collector, port, host }).catch(async (error) => {
      await local.close()
      throw explainPort(error, port, remedy)
    })
    const stopped = untilStopped(async () => {
      print('Stopping: finishing what is under way …')
      await serving.close()
      await local.close()
      print('Stopped. The events are kept.')
    })
    welcome(serving.url.replace('127.0.0.1', 'localhost'), local)
    await stopped
  },
})
