/** OpenFeature's own scenarios, played by both providers in the real SDKs: npm run bench openfeature -- --features FILE_OR_FOLDER */
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Scenario, scenariosOf } from './openfeature/gherkin.ts'
import { type Play, play, unknownStep } from './openfeature/steps.ts'
import { serverWorld, webWorld } from './openfeature/world.ts'

/** What these providers do not claim, and why. */
const unclaimed: { [tag: string]: string } = {
  'numeric-coercion': 'JavaScript has one kind of number, and the SDKs ask for no other',
}

interface Outcome {
  scenario: string
  provider: string
  result: 'passed' | 'failed' | 'skipped'
  why?: string
}

async function playOne(
  provider: string,
  open: Play['open'],
  { name, tags, steps }: Scenario,
): Promise<Outcome> {
  const skipped = tags.map((tag) => unclaimed[tag]).find(Boolean)
  if (skipped) return { scenario: name, provider, result: 'skipped', why: skipped }
  const unknown = unknownStep(steps)
  if (unknown) return { scenario: name, provider, result: 'skipped', why: `it says "${unknown}"` }
  const state: Play = {
    open,
    flag: { kind: '', key: '', fallback: null },
    context: {},
    details: { value: null },
    heard: {},
  }
  try {
    for (const step of steps)
      await play(state, step).catch((error: Error) => {
        throw new Error(`${step.text}: ${error.message.replaceAll(/\s+/g, ' ')}`)
      })
    return { scenario: name, provider, result: 'passed' }
  } catch (error) {
    return { scenario: name, provider, result: 'failed', why: (error as Error).message }
  } finally {
    await state.world?.close()
  }
}

const { values } = parseArgs({ options: { features: { type: 'string' }, json: { type: 'string' } } })
const { features, json } = values
if (!features)
  throw new Error('Name a feature file, or a folder of them: npm run bench openfeature -- --features FOLDER')
const files = statSync(features).isDirectory()
  ? globSync('**/*.feature', { cwd: features }).map((file) => join(features, file))
  : [features]
const outcomes: Outcome[] = []
// What the SDKs write down about failures that scenarios ask for.
console.error = () => {}
for (const file of files.sort())
  for (const scenario of scenariosOf(readFileSync(file, 'utf8')))
    for (const [provider, open] of [
      ['web', webWorld],
      ['server', serverWorld],
    ] as const)
      outcomes.push(await playOne(provider, open, scenario))

const count = (provider: string, result: Outcome['result']) =>
  outcomes.filter((one) => one.provider === provider && one.result === result).length
console.log('\n  provider   passed  failed  skipped')
for (const provider of ['web', 'server'])
  console.log(
    `  ${provider.padEnd(9)}${(['passed', 'failed', 'skipped'] as const).map((one) => `${count(provider, one)}`.padStart(8)).join('')}`,
  )
for (const { scenario, provider, result, why } of outcomes)
  if (result !== 'passed') console.log(`  ${result} ${provider}: ${scenario}: ${why}`)
console.log()
if (json) writeFileSync(json, JSON.stringify(outcomes, null, 2))
process.exit(outcomes.length === 0 || outcomes.some(({ result }) => result === 'failed') ? 1 : 0)
