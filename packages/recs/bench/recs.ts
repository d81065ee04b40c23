/** The recommenders: -- --data DIR against published figures, --train A.csv --test B.csv [--method knn|ease|blend] [--k 10] on any files, --pairs FILE for matching. */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bar, holds, printBars } from './bar.ts'
import { runPairs } from './matching/run-pairs.ts'
import type { Rebuild } from './memory.ts'
import { newItems } from './ranking/cold-start.ts'
import { published } from './ranking/published.ts'
import { type Method, runFiles } from './ranking/run-files.ts'
import { checkVectors } from './vectors.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    train: { type: 'string' },
    test: { type: 'string' },
    valid: { type: 'string' },
    method: { type: 'string', default: 'blend' },
    k: { type: 'string', default: '10' },
    pairs: { type: 'string' },
    people: { type: 'string' },
    vectors: { type: 'string' },
    json: { type: 'string' },
  },
})

const methods: readonly string[] = ['knn', 'ease', 'blend', 'popularity'] satisfies Method[]

/** The reference vectors; one that misses is a bar that is not reached. */
function vectors(path: string | URL): Bar[] {
  const { asked, passed, worst, missed } = checkVectors(path)
  console.log(
    `\n  ranking metrics: passed ${passed} of ${asked} vectors, worst error ${worst.toExponential(1)}`,
  )
  for (const sentence of missed) console.log(`  missed ${sentence}`)
  return [{ what: 'reference vectors passed', value: passed, atLeast: asked }]
}

/** Rebuilds in a process of its own, so that nothing else is measured along. */
function memory(): Bar[] {
  const path = join(import.meta.dirname, 'memory.ts')
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--max-old-space-size=400', path],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`The rebuild failed: ${stderr}`)
  const { interactions, users, items, seconds, peakMb } = JSON.parse(stdout) as Rebuild
  console.log(
    `\n  all neighbors of ${interactions.toLocaleString('en')} interactions, ${users.toLocaleString('en')} visitors × ${items.toLocaleString('en')} items: ${seconds.toFixed(1)} s\n`,
  )
  return [{ what: 'peak memory of the process, MB', value: peakMb, atMost: 512 }]
}

/** New items by content, in a made catalog. */
function fresh(): Bar[] {
  const { newItems: count, content, chance } = newItems()
  console.log(`\n  ${count} items that nobody has seen, in a made catalog of 1,000 (seeded)\n`)
  return [
    { what: 'NDCG@10 among new items, by chance', value: chance },
    { what: 'NDCG@10 among new items, by content', value: content, atLeast: 2 * chance },
  ]
}

/** Runs what was asked for. Bars of data sets are asked only with `--data`. */
async function run(): Promise<Bar[]> {
  if (values.train || values.test) {
    if (!values.train || !values.test) throw new RangeError('--train and --test are given together.')
    if (!methods.includes(values.method)) throw new RangeError(`--method is one of ${methods.join(', ')}.`)
    const k = Number(values.k)
    if (!Number.isInteger(k) || k < 1) throw new RangeError('--k is a positive integer.')
    const method = values.method as Method
    const quality = await runFiles({ train: values.train, test: values.test, valid: values.valid, method, k })
    return Object.entries(quality).flatMap(([what, value]) =>
      typeof value === 'number' ? [{ what, value }] : [],
    )
  }
  if (values.pairs) return shown(await runPairs(values.pairs, values.people))
  const shared = new URL('../vectors/vectors.json', import.meta.url)
  const bars = [
    ...shown(vectors(values.vectors ?? shared)),
    ...(values.vectors ? [] : [...shown(fresh()), ...shown(memory())]),
  ]
  if (values.data) {
    bars.push(...(await published(values.data)))
    const pairs = join(values.data, 'speed-dating.pairs.csv')
    if (existsSync(pairs)) bars.push(...shown(await runPairs(pairs, values.people)))
  } else if (!values.vectors) console.log('  The data sets are asked with -- --data DIR.\n')
  return bars
}

const shown = (bars: Bar[]): Bar[] => {
  printBars(bars)
  return bars
}

try {
  const bars = await run()
  if (values.json) writeFileSync(values.json, JSON.stringify(bars, null, 2))
  if (!bars.every(holds)) process.exitCode = 1
} catch (error) {
  console.error(`\n  ${(error as Error).message}\n`)
  process.exitCode = 1
}
