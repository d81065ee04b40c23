/** `nunchi verify URL`: sends one event through a deployed collector, again, and looks for its one row. */
import { keyKind } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { type Check, concludeChecks, printCheck } from '../check.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { givenUrls } from '../database/urls.ts'
import { print } from '../print.ts'
import { checkConfig } from '../verify/config.ts'
import { checkLog, errorLines } from '../verify/log.ts'
import { checkHealth, checkSend, probeEvent, type Target } from '../verify/probe.ts'
import { checkRow } from '../verify/row.ts'

const args = {
  url: {
    type: 'positional',
    required: true,
    description: "The collector's address, such as https://events.example.com",
  },
  key: { type: 'string', description: 'An API key of the project to write into', required: true },
  origin: { type: 'string', description: 'Sends this Origin, for keys that only some sites may use' },
  'metrics-token': { type: 'string', description: 'What /metrics asks for, where it is not public' },
  json: { type: 'boolean', description: 'Prints the checks as JSON' },
} as const

function readTarget(url: string, key: string, origin?: string): Target {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError('usage', `"${url}" is not an address; write it like https://events.example.com`)
  if (!keyKind(key))
    throw new CliError('usage', 'The key has a typing error (its checksum does not fit); copy it again.')
  return { url: url.replace(/\/+$/, ''), key, origin }
}

/** Runs the checks in order; what depends on a failed one is not tried. */
async function* run(target: Target, token?: string): AsyncGenerator<Check> {
  const errors = await errorLines(target.url, token)
  const event = probeEvent(Date.now())
  const steps = [
    () => checkHealth('live', target),
    () => checkHealth('ready', target),
    () => checkSend('event', target, event, 'accepted'),
    () => checkSend('resent', target, event, 'duplicates'),
  ]
  for (const step of steps) {
    const check = await step()
    yield check
    if (check.status === 'fail') return
  }
  yield* checkRow(event, target.key, givenUrls())
  yield* checkConfig(target)
  yield checkLog(errors, await errorLines(target.url, token))
}

/** Proves a deployment: live, ready, one event in, resent, one row, cleaned up. */
export const verify: CommandDef = command({
  meta: {
    name: 'verify',
    description: 'Prove a deployed collector: live, ready, one event in, resent, one row, cleaned up',
  },
  args,
  async run({ args: { url, key, origin, 'metrics-token': token, json } }) {
    const checks: Check[] = []
    for await (const check of run(readTarget(url, key, origin), token)) {
      checks.push(check)
      if (!json) printCheck(check)
    }
    if (json) print(JSON.stringify({ checks }, null, 2))
    concludeChecks(checks)
  },
})
