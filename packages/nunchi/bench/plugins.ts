/** What a page feels of nunchi with all plugins on, on a device 4 times slower: long tasks, and INP beside a page without. */
import { writeFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { argument } from './rig/arguments.ts'
import { launch } from './rig/browser.ts'
import { bundleSdk } from './rig/sdks.ts'
import { table } from './rig/table.ts'
import { type Feel, visitShop } from './rig/visit.ts'

/** Who visits are made with; the first one is a page without an SDK. */
interface Subject {
  label: string
  script: string
  visits: Feel[]
}

/** A mean of paired differences, with the bounds of its 95 % interval. */
interface Difference {
  mean: number
  lower: number
  upper: number
}

const goals = { task: 50, inp: 8, pairs: 30 }

/** A script that blocks each click for longer than is allowed: what the measure must see. */
const control = `window.sdk = { init() {}, track() {} }
addEventListener('click', () => { const from = performance.now(); while (performance.now() - from < 120); }, true)`

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Student's t at 97.5 %, by Cornish and Fisher's expansion; good to 1 % from 4 degrees of freedom on. */
function student(freedom: number): number {
  const z = 1.959964
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
}

/** The difference of what was measured in pairs, visit by visit. */
function difference(ours: Feel[], without: Feel[], figure: 'inp' | 'mean'): Difference {
  const pairs = ours.map((one, i) => one[figure] - without[i]![figure])
  const middle = mean(pairs)
  const variance = pairs.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (pairs.length - 1)
  const reach = student(pairs.length - 1) * Math.sqrt(variance / pairs.length)
  return { mean: middle, lower: middle - reach, upper: middle + reach }
}

/** Visits with every subject in turn, in another order each time, so that a busy moment hits nobody alone. */
async function visitAll(
  browser: Browser,
  subjects: Subject[],
  pairs: number,
  slowdown: number,
): Promise<void> {
  for (let pair = 0; pair < pairs; pair++) {
    const order = subjects.map((_, i) => subjects[(i + pair) % subjects.length]!)
    for (const subject of order) {
      process.stderr.write(`\r  visit ${pair + 1} of ${pairs}: ${subject.label}   \x1b[K`)
      subject.visits.push(await visitShop(browser, subject.script, slowdown))
    }
  }
  process.stderr.write('\r\x1b[K')
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

/** What is told of one SDK. */
function resultOf({ label, visits }: Subject, without: Feel[]) {
  const [longest] = visits.toSorted((a, b) => b.own - a.own)
  return {
    sdk: label,
    inp: { median: median(visits.map(({ inp }) => inp)), ...difference(visits, without, 'inp') },
    interaction: difference(visits, without, 'mean'),
    longestOwnTask: longest!.own,
    calledBy: longest!.by,
    longTasks: mean(visits.map(({ long }) => long)) - mean(without.map(({ long }) => long)),
  }
}

type Result = ReturnType<typeof resultOf>

function report(results: Result[], without: Feel[], pairs: number): boolean {
  const head = [
    'ms',
    'INP',
    'INP more (95 %)',
    'interaction more (95 %)',
    'longest own task',
    'more long tasks',
  ]
  const range = ({ mean, lower, upper }: Difference) =>
    `${signed(mean)} (${signed(lower)} … ${signed(upper)})`
  const rows = results.map(({ sdk, inp, interaction, longestOwnTask, calledBy, longTasks }) => [
    sdk,
    inp.median.toFixed(0),
    range(inp),
    range(interaction),
    longestOwnTask ? `${longestOwnTask.toFixed(0)} (${calledBy})` : '< 50',
    signed(longTasks),
  ])
  const base = ['a page without', median(without.map(({ inp }) => inp)).toFixed(0), '', '', '', '']
  console.log(`\n${table([head, base, ...rows])}\n`)
  console.log(
    `  ${pairs} visits each, in pairs; INP and interactions as Event Timing tells them, in steps of 8 ms.`,
  )
  console.log('  Own tasks: the SDK’s scripts in frames longer than 50 ms (Long Animation Frames).\n')
  const [ours] = results
  const met: [boolean, string][] = [
    [
      ours!.longestOwnTask <= goals.task,
      `no task of ours over ${goals.task} ms: the longest is ${rows[0]![4]}`,
    ],
    [
      ours!.inp.upper <= goals.inp,
      `INP at most ${goals.inp} ms later, by the upper bound: ${signed(ours!.inp.upper)}`,
    ],
  ]
  for (const [isMet, goal] of met) console.log(`  ${isMet ? '✓' : '✗'} ${goal}`)
  if (pairs < goals.pairs) console.log(`\n  A trial: the goal is judged by ${goals.pairs} pairs or more.`)
  return met.every(([isMet]) => isMet)
}

async function run(args: string[]): Promise<void> {
  const pairs = Math.max(3, Number(argument(args, 'pairs', `${goals.pairs}`)))
  const slowdown = Number(argument(args, 'slowdown', '4'))
  const subjects: Subject[] = [{ label: 'a page without', script: '', visits: [] }]
  for (const name of ['nunchi-plugins', 'posthog-autocapture'] as const) {
    const { label, script } = await bundleSdk(name)
    subjects.push({ label: `${label}, ${name.split('-')[1]}`, script, visits: [] })
  }
  const browser = await launch()
  try {
    const seen = await visitShop(browser, control, slowdown)
    if (seen.own < goals.task || seen.inp < 120)
      throw new Error(
        'The measure does not see a script that blocks each click for 120 ms: it proves nothing.',
      )
    await visitAll(browser, subjects, pairs, slowdown)
    const [{ visits: without }, ...sdks] = subjects as [Subject, ...Subject[]]
    const results = sdks.map((subject) => resultOf(subject, without))
    const isMet = report(results, without, pairs)
    const file = argument(args, 'json')
    const all = {
      bench: 'plugins',
      chromium: browser.version(),
      pairs,
      slowdown,
      goals,
      control: seen,
      results,
    }
    if (file) writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
    if (!isMet) process.exitCode = 1
  } finally {
    await browser.close()
  }
}

await run(process.argv.slice(2))
