/** What each sentence of OpenFeature's scenarios does. */
import { deepStrictEqual, ok } from 'node:assert'
import type { Step } from './gherkin.ts'
import type { Details, World } from './world.ts'

/** How far a scenario has come. */
export interface Play {
  open(reachable: boolean): Promise<World>
  world?: World
  flag: { kind: string; key: string; fallback: unknown }
  context: { [name: string]: unknown }
  details: Details
  remembered?: unknown
  /** What each kind of event told, oldest first. */
  heard: { [event: string]: { flagsChanged?: string[] }[] }
}

type Do = (play: Play, found: string[], rows: string[][]) => unknown

const kindOf = (word: string): string => `${word[0]!.toUpperCase()}${word.slice(1).toLowerCase()}`

/** A value as the scenarios write it. */
function read(kind: string, text: string): unknown {
  if (text === 'null') return null
  if (kind === 'Boolean') return text === 'true'
  if (kind === 'Object') return JSON.parse(text)
  return kind === 'String' ? text : Number(text)
}

/** A list such as `"a", "b" and 100`. */
const list = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|([\d.]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

const events: { [word: string]: string } = {
  ready: 'PROVIDER_READY',
  stale: 'PROVIDER_STALE',
  error: 'PROVIDER_ERROR',
  change: 'PROVIDER_CONFIGURATION_CHANGED',
}

/** Waits until something is so, for at most two seconds. */
async function until(what: string, so: () => boolean): Promise<void> {
  for (const end = Date.now() + 2000; !so(); ) {
    if (Date.now() > end) throw new Error(`${what} did not come about`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function open(play: Play, reachable: boolean): Promise<void> {
  play.world = await play.open(reachable)
  await until('a start', () => play.world!.status() !== 'NOT_READY')
}

async function evaluate(play: Play, kind = play.flag.kind, context: object = play.context): Promise<void> {
  play.details = await play.world!.evaluate(kind, play.flag.key, play.flag.fallback, context)
}

const ask: Do = (play, [kind = '', key = '', text = 'null']) => {
  play.flag = { kind: kindOf(kind), key, fallback: read(kindOf(kind), text.replaceAll('"', '')) }
  return evaluate(play)
}

const same = (play: Play, kind: string, text: string): void =>
  deepStrictEqual(play.details.value, read(kindOf(kind), text))

/** A field that may be absent, which the scenarios write as an empty text. */
const said = (play: Play, field: 'reason' | 'variant' | 'errorCode' | 'errorMessage', text: string): void =>
  deepStrictEqual(play.details[field] ?? '', text)

function contains(play: Play, names: string[], values: string[]): void {
  const value = play.details.value as { [name: string]: unknown }
  for (const [i, name] of names.entries()) deepStrictEqual(`${value[name]}`, values[i])
}

const providers: [RegExp, Do][] = [
  [/^a stable provider$/, (play) => open(play, true)],
  [/^a unavailable provider$/, (play) => open(play, false)],
  [/^the provider metadata name should not be empty$/, (play) => ok(play.world!.name)],
  [
    /^the client should be in (\w+) state$/,
    (play, [word = '']) => until(word, () => play.world!.status() === word.toUpperCase()),
  ],
  [
    /^a (\w+) event handler$/,
    (play, [word = '']) => {
      const heard: Play['heard'][string] = []
      play.heard[word] = heard
      play.world!.on(events[word]!, (told) => heard.push(told ?? {}))
    },
  ],
  [
    /^the (\w+) event handler should have been executed/,
    (play, [word = '']) => until(word, () => !!play.heard[word]?.length),
  ],
  [
    /^a ready event was fired$/,
    async (play) => {
      await until('ready', () => !!play.heard['ready']?.length)
      play.heard['ready']!.length = 0
    },
  ],
  [/^the connection is lost$/, (play) => play.world!.lose()],
  [/^the connection is restored$/, (play) => play.world!.restore()],
  [/^the flag was modified$/, (play) => play.world!.change()],
  [
    /^the flag should be part of the event payload$/,
    (play) => ok(play.heard['change']!.at(-1)!.flagsChanged?.includes(play.flag.key)),
  ],
]

const evaluations: [RegExp, Do][] = [
  [
    /^a (\w+)-flag with key "(.+)" and a default value "(.*)"$/,
    (play, [kind = '', key = '', text = '']) => {
      play.flag = { kind, key, fallback: read(kind, text) }
    },
  ],
  [
    /^a context containing a targeting key with value "(.+)"$/,
    (play, [value]) => Object.assign(play.context, { targetingKey: value }),
  ],
  [/^the flag was evaluated with details$/, (play) => evaluate(play)],
  [/^an? (\w+) flag with key "(.+)" is evaluated with (?:details and )?(?:a )?default value (.+)$/, ask],
  [/^an? (\w+) flag with key "(.+)" is evaluated with (?:details and )?a null default value$/, ask],
  [/^a non-existent (\w+) flag with key "(.+)" is evaluated with details and a default value (.+)$/, ask],
  [
    /^a string flag with key "(.+)" is evaluated as an (\w+), with details and a default value (.+)$/,
    (play, [key = '', kind = '', text = '']) => ask(play, [kind, key, text], []),
  ],
  [
    /^a flag with key "(.+)" is evaluated with default value (.+)$/,
    (play, [key = '', text = '']) => ask(play, ['string', key, text], []),
  ],
  [
    /^context contains keys (.+) with values (.+)$/,
    (play, [keys = '', values = '']) => {
      const all = list(values).map((text) => (/^(true|false|\d+)$/.test(text) ? JSON.parse(text) : text))
      play.context = Object.fromEntries(list(keys).map((key, i) => [key, all[i]]))
    },
  ],
  [
    /^the resolved flag value is "(.*)" when the context is empty$/,
    async (play, [text = '']) => {
      await evaluate(play, play.flag.kind, {})
      same(play, 'string', text)
    },
  ],
  [/^the resolved value is remembered$/, (play) => Object.assign(play, { remembered: play.details.value })],
]

const outcomes: [RegExp, Do][] = [
  [/^the resolved details value should be "(.*)"$/, (play, [text = '']) => same(play, play.flag.kind, text)],
  [/^the resolved details value should have changed$/, (play) => ok(play.details.value !== play.remembered)],
  [
    /^the resolved (\w+) (?:details )?(?:value|response) should be "?([^",]*)"?$/,
    (play, [kind = '', text = '']) => same(play, kind, text),
  ],
  [
    /^the resolved (\w+) details value should be "?([^",]*)"?, the variant should be "(.*)", and the reason should be "(.*)"$/,
    (play, [kind = '', text = '', variant = '', reason = '']) => {
      same(play, kind, text)
      said(play, 'variant', variant)
      said(play, 'reason', reason)
    },
  ],
  [
    /^the resolved object (?:details )?value should be contain fields (.+), with values (.+), respectively$/,
    (play, [names = '', values = '']) => contains(play, list(names), list(values)),
  ],
  [
    /^the resolved object value should contain$/,
    (play, _, [, ...rows]) =>
      contains(
        play,
        rows.map(([name]) => name!),
        rows.map(([, , value]) => value!),
      ),
  ],
  [
    /^the variant should be "(.*)", and the reason should be "(.*)"$/,
    (play, [variant = '', reason = '']) => {
      said(play, 'variant', variant)
      said(play, 'reason', reason)
    },
  ],
  [/^the variant should be "([^"]*)"$/, (play, [text = '']) => said(play, 'variant', text)],
  [/^the reason should be "(.*)"$/, (play, [text = '']) => said(play, 'reason', text)],
  [/^the error-code should be "(.*)"$/, (play, [text = '']) => said(play, 'errorCode', text)],
  [/^the error message should be empty$/, (play) => said(play, 'errorMessage', '')],
  // What throws has failed the scenario by then.
  [/^no exception should have been thrown$/, () => {}],
  [
    /^the default \w+ value should be returned$/,
    (play) => deepStrictEqual(play.details.value, play.flag.fallback),
  ],
  [
    /^the reason should indicate an error and the error code should indicate .+ with "(.+)"$/,
    (play, [code = '']) => {
      said(play, 'reason', 'ERROR')
      said(play, 'errorCode', code)
    },
  ],
]

const all = [...providers, ...evaluations, ...outcomes]

/** @returns the first step that no sentence here fits */
export function unknownStep(steps: Step[]): string | undefined {
  return steps.find(({ text }) => !all.some(([pattern]) => pattern.test(text)))?.text
}

/** Plays one step. */
export async function play(state: Play, { text, rows }: Step): Promise<void> {
  const [pattern, act] = all.find(([one]) => one.test(text))!
  const [, ...found] = pattern.exec(text)!
  // A group that is not there takes its default.
  await act(state, found as string[], rows)
}
