/** The statistics against reference vectors: npm run bench stats -- --vectors FILE */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkVectors, repaired, type Vector } from './vectors/check.ts'

const { values } = parseArgs({ options: { vectors: { type: 'string' }, json: { type: 'string' } } })
const path = values.vectors ?? new URL('../vectors/vectors.json', import.meta.url).pathname
const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: Vector[] }
const reports = checkVectors(vectors)

console.log('\n  method                          vectors  passed   worst error      ms\n')
for (const { method, vectors: all, worst, missed, milliseconds } of reports)
  console.log(
    `  ${method.padEnd(32)}${String(all).padStart(6)}${String(all - missed.length).padStart(8)}${worst.toExponential(1).padStart(14)}${milliseconds.toFixed(1).padStart(8)}`,
  )
const missed = reports.flatMap((report) => report.missed)
for (const sentence of missed) console.log(`  missed ${sentence}`)
for (const { id } of vectors)
  if (repaired[id])
    console.log(`  ${id} was asked with ${JSON.stringify(repaired[id])}: its own input lost those digits`)
const asked = reports.reduce((sum, report) => sum + report.vectors, 0)
console.log(`\n  passed ${asked - missed.length} of ${asked}\n`)
if (missed.length > 0 || asked === 0) process.exitCode = 1
