/** GrowthBook's public cases, through our evaluator: npm run bench growthbook -- --cases FILE */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Case, notOurs, runCase, sectionsOf } from './growthbook/sections.ts'

// Some runners hand their own `--` on.
const args = process.argv.slice(2).filter((argument) => argument !== '--')
const { values } = parseArgs({ args, options: { cases: { type: 'string' }, json: { type: 'string' } } })
if (!values.cases) {
  console.error('Name the file: npm run bench growthbook -- --cases packages/sdk-js/test/cases.json')
  process.exit(1)
}

const file: unknown = JSON.parse(readFileSync(values.cases, 'utf8'))
const width = 'savedGroupReferencesV2.evalCondition'.length
const failed: string[] = []
let passes = 0
for (const { name, section, cases } of sectionsOf(file)) {
  if (notOurs.includes(section)) {
    console.log(`  ${name.padEnd(width)} ${cases.length} not run: this is not converted`)
    continue
  }
  const wrong = cases.flatMap((one: Case, i) => {
    const fault = runCase(section, one)
    return fault ? [`${name}[${i}] ${String(one[0])}: ${fault}`] : []
  })
  passes += cases.length - wrong.length
  failed.push(...wrong)
  console.log(`  ${name.padEnd(width)} ${cases.length - wrong.length} passed, ${wrong.length} failed`)
}
for (const line of failed) console.log(`  failed: ${line}`)
console.log(`\n${passes} passed, ${failed.length} failed`)
if (failed.length > 0 || passes === 0) process.exitCode = 1
