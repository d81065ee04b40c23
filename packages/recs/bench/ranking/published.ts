/** The data sets whose figures were published, or that the design sets bars for: read from a folder, never kept here. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Bar, printBars } from '../bar.ts'
import { readPairs } from '../read-csv.ts'
import { type ColdStart, coldStart } from './cold-start.ts'
import { evaluate, questionsOf } from './evaluate.ts'
import { knnScore, rankBy, training } from './models.ts'
import { fit, type Method } from './run-files.ts'

type Pair = readonly [string, string]

/** A data set, the bars on it, and what was published. */
interface DataSet {
  name: string
  protocol: string
  /** Which NDCG@10 is compared. */
  ideal: 'ndcg' | 'ndcgUntruncated'
  lambda?: number
  bars: { [method: string]: { atLeast?: number; published?: string } }
}

const sets: DataSet[] = [
  {
    name: 'ml100k-mcrec',
    protocol: 'published 80/20 split, all ratings positive, all unseen items ranked, untruncated ideal',
    ideal: 'ndcgUntruncated',
    lambda: 400,
    bars: {
      popularity: { published: '.1361' },
      knn: { atLeast: 0.258, published: '.260' },
      ease: { atLeast: 0.29, published: '.2905' },
    },
  },
  {
    name: 'msweb',
    protocol: 'train and valid known, test ranked, ideal min(10, |T|)',
    ideal: 'ndcg',
    lambda: 50,
    bars: { ease: { atLeast: 0.55 } },
  },
  {
    name: 'mlsmall-ge4',
    protocol: 'ratings ≥ 4, train and valid known, test ranked, ideal min(10, |T|)',
    ideal: 'ndcg',
    bars: {},
  },
]

async function pairsOf(folder: string, name: string, part: string): Promise<readonly Pair[]> {
  const path = join(folder, `${name}.${part}.csv`)
  return existsSync(path) ? (await readPairs(path)).pairs : []
}

function printColdStart(rows: readonly ColdStart[], title: string): void {
  console.log(`  ${title}\n`)
  console.log('      known   popularity    neighbors        blend')
  for (const { known, popularity, neighbors, blend } of rows)
    console.log(
      `  ${String(known).padStart(9)}${[popularity, neighbors, blend].map((one) => one.toFixed(4).padStart(13)).join('')}`,
    )
  console.log()
}

/** The blend beside the better of both, where something but little is known. */
const coldBars = (name: string, rows: readonly ColdStart[]): Bar[] =>
  rows
    .filter(({ known }) => known >= 1 && known <= 5)
    .map(({ known, popularity, neighbors, blend }) => ({
      what: `${name}: blend ÷ better of both, ${known} known`,
      value: blend / Math.max(popularity, neighbors),
      atLeast: 1,
    }))

async function measure(folder: string, { name, protocol, ideal, lambda, bars }: DataSet): Promise<Bar[]> {
  const [train, valid, test] = await Promise.all(
    ['train', 'valid', 'test'].map((part) => pairsOf(folder, name, part)),
  )
  if (!train!.length || !test!.length) return []
  const known = [...train!, ...valid!]
  const data = training(known)
  const { questions } = questionsOf(data, test!)
  const small = data.matrix.items.length <= 2000
  console.log(`\n  ${name}: ${protocol}\n`)
  const plain = evaluate(data, rankBy(knnScore(data, {}), data), questions)[ideal]
  const found: Bar[] = [{ what: `${name}: NDCG@10, neighbors with the defaults`, value: plain }]
  for (const method of ['popularity', 'knn', ...(small ? ['ease'] : []), 'blend'] as Method[]) {
    const { rank, chosen } = fit(method, data, train!, valid!)
    const value = evaluate(data, rank, questions)[ideal]
    found.push({
      what: `${name}: NDCG@10, ${method}${method === 'popularity' ? '' : ` (${chosen.split(';')[0]})`}`,
      value,
      ...bars[method],
    })
  }
  printBars(found)
  const source = small && lambda ? 'ease' : 'knn'
  const cold = coldStart(known, test!, source, lambda)
  printColdStart(cold, `visitors that the training has not seen, by known items (${source}), NDCG@10`)
  return [...found, ...coldBars(name, cold)]
}

/** Measures every data set that the folder has. */
export async function published(folder: string): Promise<Bar[]> {
  const bars: Bar[] = []
  for (const set of sets) bars.push(...(await measure(folder, set)))
  if (bars.length === 0)
    throw new RangeError(`${folder} has none of ${sets.map(({ name }) => `${name}.train.csv`).join(', ')}.`)
  const cold = bars.filter(({ what }) => what.includes('known'))
  console.log('  blend against the better of popularity and neighbors\n')
  printBars(cold)
  return bars
}
