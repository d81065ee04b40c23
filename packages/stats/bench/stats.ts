/** The statistics against reference vectors (-- --vectors FILE), then seeded A/A, power and coverage runs; -- --pitfalls prints the table of docs/statistics.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pitfallsTable } from './pitfalls/pitfalls.ts'
import { holds, simulate } from './simulation/simulation.ts'
import { checkVectors, repaired, type Vector } from './vectors/check.ts'

const { values } = parseArgs({
  options: {
    vectors: { type: 'string' },
    runs: { type: 'string', default: '40000' },
    seed: { type: 'string', default: '20261122' },
    json: { type: 'string' },
    pitfalls: { type: 'boolean', default: false },
  },
})

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`

/** Prints how each method came out. */
function printVectors(path: string | URL): { asked: number; passed: number } {
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: Vector[] }
  const reports = checkVectors(vectors)
  console.log('\n  method                          vectors  passed   worst error      ms\n')
  for (const { method, vectors: all, worst, missed, milliseconds } of reports)
    console.log(
      `  ${method.padEnd(32)}${String(all).padStart(6)}${String(all - missed.length).padStart(8)}${worst.toExponential(1).padStart(14)}${milliseconds.toFixed(1).padStart(8)}`,
    )
  const missed = reports.flatMap((report) => report.missed)
  for (const sentence of missed) console.log(`  missed ${sentence}`)
  for (const { id, input } of vectors)
    if (repaired[id] && JSON.stringify(repaired[id]) !== JSON.stringify(input))
      console.log(`  ${id} was asked with ${JSON.stringify(repaired[id])}: its own input lost those digits`)
  const asked = reports.reduce((sum, report) => sum + report.vectors, 0)
  console.log(`\n  passed ${asked - missed.length} of ${asked}\n`)
  return { asked, passed: asked - missed.length }
}

/** Prints what the simulations found beside their bars. */
function printSimulations(runs: number, seed: number): ReturnType<typeof simulate> {
  console.log(`  ${runs.toLocaleString('en')} simulated experiments of each kind, seed ${seed}\n`)
  const figures = simulate(runs, seed)
  for (const figure of figures) {
    const bars = [
      figure.atLeast === undefined ? '' : `≥ ${percent(figure.atLeast)}`,
      figure.atMost === undefined ? '' : `≤ ${percent(figure.atMost)}`,
    ]
    console.log(
      `${holds(figure) ? ' ' : '✗'} ${percent(figure.share).padStart(9)}  ${bars.filter(Boolean).join(', ').padEnd(20)} ${figure.what}`,
    )
  }
  console.log()
  return figures
}

/** Vectors and simulations; false where one missed. */
function prove(): boolean {
  const path = values.vectors ?? new URL('../vectors/vectors.json', import.meta.url)
  const { asked, passed } = printVectors(path)
  const figures = values.vectors ? [] : printSimulations(Number(values.runs), Number(values.seed))
  if (values.json) writeFileSync(values.json, JSON.stringify({ asked, passed, figures }, null, 2))
  return asked > 0 && passed === asked && figures.every(holds)
}

// The table alone, so that it can be put into the documentation as it is.
if (values.pitfalls) console.log(pitfallsTable())
else if (!prove()) process.exitCode = 1
