/** Six ways to lose events, in a real Chromium: nunchi against its peers, what arrives and what arrives twice. */
import { writeFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { argument, choice } from './rig/arguments.ts'
import { launch } from './rig/browser.ts'
import { type RealCollector, startCollector } from './rig/collector.ts'
import { type Outcome, play } from './rig/play.ts'
import { startRecorder } from './rig/recorder.ts'
import { type Scenario, scenarios } from './rig/scenarios.ts'
import { bundleSdk, type Sdk, type SdkName } from './rig/sdks.ts'
import { table } from './rig/table.ts'

const names: readonly SdkName[] = ['nunchi', 'posthog', 'segment', 'growthbook', 'plausible']

/** One field of the table: every repeat of one scenario with one SDK. */
interface Cell {
  sdk: Sdk
  scenario: Scenario
  outcomes: Outcome[]
}

const span = (values: number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? `${least}` : `${least}–${most}`
}

function fieldText({ scenario, outcomes }: Cell): string {
  const figure = (key: keyof Outcome) => outcomes.map((outcome) => outcome[key])
  const [first, last] = [span(figure('atOnce')), span(figure('delivered'))]
  const twice = span(figure('duplicates'))
  return `${first === last ? '' : `${first} → `}${last}/${scenario.events}${twice === '0' ? '' : ` +${twice} twice`}`
}

/** What is wrong with one of our own fields, in a sentence. */
function faults({ sdk, scenario, outcomes }: Cell): string[] {
  return outcomes
    .filter(({ delivered, duplicates }) => delivered !== scenario.events || duplicates)
    .map(
      ({ delivered, duplicates }) =>
        `${sdk.name}, ${scenario.name}: ${delivered} of ${scenario.events} delivered, ${duplicates} twice.`,
    )
}

/** Plays all cells, a few at a time: they mostly wait. */
async function playAll(browser: Browser, collector: RealCollector, cells: Cell[], settings: Settings) {
  const jobs = Array.from({ length: settings.repeats }, (_, repeat) =>
    cells.map((cell) => ({ cell, repeat })),
  ).flat()
  const total = jobs.length
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { cell, repeat } = job
      const { sdk, scenario } = cell
      const ours = sdk.name === 'nunchi'
      const target = ours ? await collector.project(`${scenario.name} ${repeat}`) : await startRecorder()
      cell.outcomes.push(await play(browser, sdk, scenario, target))
      process.stderr.write(`\r  ${total - jobs.length} of ${total}: ${sdk.name}, ${scenario.name}   \x1b[K`)
    }
  }
  await Promise.all(Array.from({ length: settings.parallel }, work))
  process.stderr.write('\r\x1b[K')
}

interface Settings {
  repeats: number
  parallel: number
}

/** Prints the table; answers what is wrong with it. */
function report(cells: Cell[], sdks: Sdk[], played: Scenario[], label: string): string[] {
  const rows = sdks.map((sdk) => [
    sdk.label,
    ...played.map((scenario) =>
      fieldText(cells.find((cell) => cell.sdk === sdk && cell.scenario === scenario)!),
    ),
  ])
  const goal = ['goal (nunchi)', ...played.map(({ events }) => `${events}/${events}`)]
  console.log(`\n${table([['', ...played.map(({ name }) => name)], ...rows, goal])}\n`)
  for (const { name, says } of played) console.log(`  ${name.padEnd(10)} ${says}`)
  console.log(
    '\n  a → b/n: a of n had arrived before the visitor came back, b in the end. "+k twice": k copies too many.',
  )
  const ours = cells.filter(({ sdk }) => sdk.name === 'nunchi')
  const again = ours.flatMap(({ outcomes }) => outcomes).reduce((sum, one) => sum + one.again, 0)
  if (ours.length)
    console.log(
      `  nunchi's figures are rows of its table (${label}); ${again} events came again and were told apart by their ids.`,
    )
  const invalid = cells
    .filter(
      ({ scenario, outcomes }) => scenario.name === 'stay' && outcomes.some(({ delivered }) => delivered < 5),
    )
    .map(({ sdk }) => `${sdk.name} did not deliver even on a page that stays: its row says nothing.`)
  return [...ours.flatMap(faults), ...invalid]
}

async function run(args: string[]): Promise<void> {
  const wanted = choice(args, 'only', names)
  const chosen = choice(
    args,
    'scenario',
    scenarios.map(({ name }) => name),
  )
  const played = scenarios.filter(({ name }) => chosen.includes(name))
  const settings = { repeats: +argument(args, 'repeats', '2'), parallel: +argument(args, 'parallel', '4') }
  const sdks: Sdk[] = []
  for (const name of wanted) sdks.push(await bundleSdk(name))
  const cells = sdks.flatMap((sdk) => played.map((scenario): Cell => ({ sdk, scenario, outcomes: [] })))
  const collector = await startCollector()
  const browser = await launch()
  try {
    await playAll(browser, collector, cells, settings)
    const wrong = report(cells, sdks, played, collector.label)
    for (const sentence of wrong) console.error(`  ✗ ${sentence}`)
    if (wrong.length) process.exitCode = 1
    const file = argument(args, 'json')
    const results = cells.map(({ sdk, scenario, outcomes }) => ({
      sdk: sdk.label,
      scenario: scenario.name,
      events: scenario.events,
      outcomes,
    }))
    const about = { chromium: browser.version(), database: collector.label, ...settings }
    if (file) writeFileSync(file, `${JSON.stringify({ bench: 'loss', ...about, results }, null, 2)}\n`)
  } finally {
    await browser.close()
    await collector.close()
  }
}

await run(process.argv.slice(2))
