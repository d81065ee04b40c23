/** What nunchi and its peers cost a page's main thread in Chromium: to boot, and to track. */
import { writeFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { argument, choice } from './rig/arguments.ts'
import { launch } from './rig/browser.ts'
import {
  type BootCost,
  bootCost,
  profiled,
  profileOf,
  type Subject,
  type TrackCost,
  trackCost,
} from './rig/cost.ts'
import { bundleSdk, type Sdk, type SdkName } from './rig/sdks.ts'
import { table } from './rig/table.ts'

const names: readonly SdkName[] = [
  'nunchi',
  'posthog',
  'segment',
  'amplitude',
  'mixpanel',
  'plausible',
  'openpanel',
]
const empty: Subject = { name: 'a page without', script: '' }

/** What one SDK costs, above a page without one. */
interface Cost {
  sdk: Sdk
  boot: BootCost
  track: TrackCost
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** The median of each figure. */
function medians<Figures extends object>(samples: Figures[]): Figures {
  const keys = Object.keys(samples[0] ?? {}) as (keyof Figures)[]
  return Object.fromEntries(
    keys.map((key) => [key, median(samples.map((sample) => Number(sample[key])))]),
  ) as Figures
}

function above<Figures extends object>(figures: Figures, base: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, value - Number(base[key as keyof Figures])]),
  ) as Figures
}

/** Measures all subjects in turn, `rounds` times over, so that a busy moment hits nobody alone. */
async function inTurn<Figures extends object>(
  what: string,
  subjects: Subject[],
  rounds: number,
  measure: (subject: Subject) => Promise<Figures>,
): Promise<Figures[]> {
  const samples: Figures[][] = subjects.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, subject] of subjects.entries()) {
      process.stderr.write(`\r  ${what}, round ${round + 1} of ${rounds}: ${subject.name}   \x1b[K`)
      samples[i]!.push(await measure(subject))
    }
  process.stderr.write('\r\x1b[K')
  const [base, ...rest] = samples.map(medians)
  return rest.map((figures) => above(figures, base!))
}

/** One goal and how far we are from it: 1 or less is reached. */
interface Verdict {
  goal: string
  /** Ours divided by what is allowed. */
  ratio: number
}

function verdicts(costs: Cost[]): Verdict[] {
  const of = (name: SdkName) => costs.find(({ sdk }) => sdk.name === name)
  const [ours, posthog, openpanel] = [of('nunchi'), of('posthog'), of('openpanel')]
  if (!ours) return []
  const durable = costs.filter(({ sdk }) => sdk.durable && sdk.name !== 'nunchi')
  const views = {
    sync: 'until it returns',
    burst: 'until idle, many a task',
    single: 'until idle, one a task',
  }
  const tracking = Object.entries(views).flatMap(([view, says]) => {
    const figure = (cost: Cost) => cost.track[view as keyof TrackCost]
    const fastest = durable.toSorted((a, b) => figure(a) - figure(b))[0]
    return [
      ...(posthog
        ? [{ goal: `track(), ${says}: ≤ 1/10 of posthog-js`, ratio: figure(ours) / (figure(posthog) / 10) }]
        : []),
      ...(fastest
        ? [
            {
              goal: `track(), ${says}: ≤ 1/2 of ${fastest.sdk.name}, the fastest that keeps events`,
              ratio: figure(ours) / (figure(fastest) / 2),
            },
          ]
        : []),
    ]
  })
  const boot = openpanel
    ? [{ goal: "boot, script: ≤ openpanel's", ratio: ours.boot.script / openpanel.boot.script }]
    : []
  return [...boot, ...tracking]
}

function report(costs: Cost[], found: Verdict[]): void {
  const head = ['', 'boot: script ms', 'task ms', 'track(): returns µs', 'idle again µs', 'one a task µs']
  const rows = costs.map(({ sdk, boot, track }) => [
    `${sdk.label}${sdk.durable ? ' *' : ''}`,
    boot.script.toFixed(1),
    boot.task.toFixed(1),
    track.sync.toFixed(1),
    track.burst.toFixed(0),
    track.single.toFixed(0),
  ])
  console.log(`\n${table([head, ...rows])}\n`)
  console.log(
    '  * keeps events across visits. Medians of CPU time on the main thread, above a page without an SDK.',
  )
  console.log(
    '  boot: load, init and the first event. track(): 200 calls in one task; 50 calls with a task each.\n',
  )
  for (const { goal, ratio } of found)
    console.log(`  ${ratio <= 1 ? '✓' : '✗'} ${goal}: ${ratio.toFixed(2)} of what is allowed`)
}

/** `--profile nunchi --of boot,burst,single`: prints where the time goes. */
async function profile(browser: Browser, args: string[]): Promise<void> {
  const [name = 'nunchi'] = choice(args, 'profile', names)
  const { label, script } = await bundleSdk(name, false)
  for (const what of choice(args, 'of', profiled)) {
    const own = await profileOf(browser, { name, script }, what)
    const rows = [...own].slice(0, 40).map(([place, µs]) => [place, µs.toFixed(1)])
    const unit = what === 'boot' ? 'µs' : 'µs a call'
    console.log(`\n${table([[`${label}, ${what}: function and file`, unit], ...rows])}`)
  }
}

async function measure(browser: Browser, args: string[]): Promise<void> {
  const sdks: Sdk[] = []
  for (const name of choice(args, 'only', names)) sdks.push(await bundleSdk(name))
  const subjects = [empty, ...sdks]
  const boots = await inTurn('boot', subjects, +argument(args, 'rounds', '9'), (one) =>
    bootCost(browser, one),
  )
  const tracks = await inTurn('track()', subjects, +argument(args, 'track-rounds', '3'), (one) =>
    trackCost(browser, one),
  )
  const costs = sdks.map((sdk, i): Cost => ({ sdk, boot: boots[i]!, track: tracks[i]! }))
  const found = verdicts(costs)
  report(costs, found)
  const file = argument(args, 'json')
  const results = costs.map(({ sdk, boot, track }) => ({ sdk: sdk.label, durable: sdk.durable, boot, track }))
  const all = { bench: 'track', chromium: browser.version(), results, goals: found }
  if (file) writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
}

async function run(args: string[]): Promise<void> {
  const browser = await launch()
  try {
    await (argument(args, 'profile') ? profile : measure)(browser, args)
  } finally {
    await browser.close()
  }
}

await run(process.argv.slice(2))
