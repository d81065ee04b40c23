/** Measures one method on any two files of `user,item`. */
import { readPairs } from '../read-csv.ts'
import { evaluate, questionsOf } from './evaluate.ts'
import {
  blendWeights,
  easeScore,
  knnScore,
  type Rank,
  rankBlend,
  rankBy,
  rankPopular,
  type Training,
  training,
} from './models.ts'
import { holdBack, tuneEase, tuneKnn } from './tune.ts'

type Pair = readonly [string, string]

/** What can be measured. */
export type Method = 'knn' | 'ease' | 'blend' | 'popularity'

/** The largest catalog that EASE is fitted for without asking, and with. */
const easeItems = { alone: 2000, most: 5000 }

/** A fitted method, and what was chosen for it. */
interface Fitted {
  rank: Rank
  chosen: string
}

function fitEase(data: Training, train: readonly Pair[], valid: readonly Pair[]) {
  const split = valid.length > 0 ? { train, valid } : holdBack(train)
  const items = data.matrix.items.length
  if (items > easeItems.most)
    throw new RangeError(
      `The training has ${items} items; EASE takes at most ${easeItems.most} (its time grows with the cube, its memory with the square). Say --method knn or --method blend.`,
    )
  if (items > easeItems.alone)
    console.log(
      `  ${items} items are more than the ${easeItems.alone} that the product fits EASE for: about ${Math.ceil((2 * items ** 3) / 1e9)} s each time, with lambda 200 as it is.`,
    )
  const lambda = items > easeItems.alone ? 200 : tuneEase(split)
  return { score: easeScore(data, lambda), chosen: `EASE, lambda ${lambda}` }
}

function fitKnn(data: Training, train: readonly Pair[], valid: readonly Pair[]) {
  const options = tuneKnn(valid.length > 0 ? { train, valid } : holdBack(train))
  const { damping, shrinkage, balance } = options
  return {
    score: knnScore(data, options),
    chosen: `neighbors, damping ${damping}, shrinkage ${shrinkage}, balance ${balance}`,
  }
}

/** Fits a method on `train` and `valid` together; settings are chosen on `valid`, or on a tenth of `train`. */
export function fit(method: Method, data: Training, train: readonly Pair[], valid: readonly Pair[]): Fitted {
  if (method === 'popularity') return { rank: rankPopular(data), chosen: 'nothing to choose' }
  const small = data.matrix.items.length <= easeItems.alone
  const source = method === 'ease' || (method === 'blend' && small) ? 'ease' : 'knn'
  const { score, chosen } = source === 'ease' ? fitEase(data, train, valid) : fitKnn(data, train, valid)
  return method === 'blend'
    ? {
        rank: rankBlend(score, data, blendWeights[source]),
        chosen: `${chosen}; popularity by how much is known`,
      }
    : { rank: rankBy(score, data), chosen }
}

/** Prints recall@20, precision@k and both NDCG@k. */
export async function runFiles(files: {
  train: string
  test: string
  valid?: string | undefined
  method: Method
  k: number
}): Promise<object> {
  const [train, test] = [await readPairs(files.train), await readPairs(files.test)]
  const valid = files.valid ? await readPairs(files.valid) : { pairs: [], skipped: 0 }
  if (train.pairs.length === 0) throw new RangeError(`${files.train} has no line with a user and an item.`)
  const data = training([...train.pairs, ...valid.pairs])
  const { questions, strangers, unknownItems, repeated } = questionsOf(data, test.pairs)
  if (questions.length === 0) throw new RangeError(`${files.test} has no held-back item to be found.`)
  const { matrix } = data
  console.log(
    `\n  ${train.pairs.length + valid.pairs.length} interactions of ${matrix.users.length} users with ${matrix.items.length} items; ${questions.length} users are asked about`,
  )
  const odd = [
    [train.skipped + test.skipped + valid.skipped, 'lines without a user or an item were left out'],
    [strangers, 'of the users are not in the training: they get what is popular'],
    [unknownItems, 'held-back items are not in the training: they cannot be found, and count'],
    [repeated, 'held-back pairs are in the training too: left out, what was seen is not recommended'],
  ] as const
  for (const [count, sentence] of odd) if (count > 0) console.log(`  ${count} ${sentence}`)
  const began = performance.now()
  const { rank, chosen } = fit(files.method, data, train.pairs, valid.pairs)
  const quality = evaluate(data, rank, questions, files.k)
  const { recall20, precision, ndcg, ndcgUntruncated } = quality
  console.log(`  ${files.method}: ${chosen}; ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
  const line = (name: string, value: number) => console.log(`  ${name.padEnd(34)}${value.toFixed(4)}`)
  line('recall@20 (denominator |T|)', recall20)
  line(`precision@${files.k}`, precision)
  line(`NDCG@${files.k} (ideal min(k, |T|))`, ndcg)
  line(`NDCG@${files.k} (untruncated ideal)`, ndcgUntruncated)
  console.log()
  return { method: files.method, k: files.k, chosen, ...quality, strangers, unknownItems, repeated }
}
