/** Breaks the browser, the network, the collector and Postgres in turn: what is lost, what is doubled, and each case's control. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Case } from '../faults/case.ts'
import { cases } from '../faults/cases.ts'
import { type Played, play } from '../faults/play.ts'
import { faultsOf, table } from '../faults/report.ts'
import { launchBrowser } from '../faults/rig/browser.ts'
import { startCluster } from '../faults/rig/cluster.ts'
import { startSite } from '../faults/rig/site.ts'
import type { Rig } from '../faults/rig/world.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
    'no-control': { type: 'boolean', default: false },
  },
})

function chosen(): Case[] {
  const wanted = (values.only ?? []).flatMap((text) => text.split(',')).map(Number)
  const unknown = wanted.filter((number) => !cases.some((one) => one.number === number))
  if (unknown.length) {
    console.error(
      `There is no case ${unknown.join(', ')}; there are ${[...new Set(cases.map((one) => one.number))].join(', ')}.`,
    )
    process.exit(1)
  }
  return cases.filter(({ number }) => wanted.length === 0 || wanted.includes(number))
}

/** Neighbours that only wait are played at one time, all others alone. */
function rounds(all: Case[]): Case[][] {
  const grouped: Case[][] = []
  for (const one of all) {
    const round = grouped.at(-1)
    if (one.together && round?.[0]?.together === one.together) round.push(one)
    else grouped.push([one])
  }
  return grouped
}

async function playAll(rig: Rig, all: Case[]): Promise<Played[]> {
  const played: Played[] = []
  for (const round of rounds(all)) {
    process.stderr.write(`\r  ${played.length + 1} of ${all.length}: ${round[0]?.name}\x1b[K`)
    played.push(...(await Promise.all(round.map((one) => play(rig, one, !values['no-control'])))))
  }
  process.stderr.write('\r\x1b[K')
  return played
}

// What was started ends with this program, however it is ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const wanted = chosen()
const from = Date.now()
const [cluster, browser, site] = await Promise.all([startCluster(), launchBrowser(), startSite()])
try {
  const played = await playAll({ cluster, browser, site }, wanted)
  const wrong = faultsOf(played)
  const about = { chromium: browser.version(), database: cluster.label, seconds: (Date.now() - from) / 1000 }
  console.log(`\n${table(played)}\n`)
  console.log(
    `  goal: 0 lost, 0 duplicated, every control fails. ${about.database}, Chromium ${about.chromium}, ${about.seconds.toFixed(0)} s.`,
  )
  for (const sentence of wrong) console.error(`  ✗ ${sentence}`)
  if (wrong.length) process.exitCode = 1
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ bench: 'faults', ...about, cases: played }, null, 2)}\n`)
} finally {
  await browser.close()
  await site.close()
  await cluster.stop()
}
