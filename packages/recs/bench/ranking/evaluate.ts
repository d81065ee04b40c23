/** Measures a ranking on held-back interactions. */
import { rankingMetrics } from '../../src/index.ts'
import type { Rank, Training } from './models.ts'

/** One visitor to be measured: what is known, what was held back, what may not be ranked. */
export interface Question {
  known: readonly number[]
  /** Held-back items by id: those that the training does not know cannot be found, and still count. */
  wanted: ReadonlySet<string>
}

/** Means over visitors. */
export interface Quality {
  visitors: number
  recall20: number
  precision: number
  ndcg: number
  ndcgUntruncated: number
}

/** What is asked of the visitors of a test, and what is odd about it. */
export interface Test {
  questions: Question[]
  /** Visitors that the training does not know: they are answered with what is popular. */
  strangers: number
  /** Held-back interactions with items that the training does not know. */
  unknownItems: number
  /** Held-back interactions that the training has too: left out, since what was seen is not recommended. */
  repeated: number
}

/** The questions of a test file. */
export function questionsOf(
  { matrix, numbers }: Training,
  test: readonly (readonly [string, string])[],
): Test {
  const users = new Map(matrix.users.map((id, i) => [id, i]))
  const { starts, columns } = matrix.byUser
  const wanted = new Map<string, Set<string>>()
  let [unknownItems, repeated] = [0, 0]
  const knownOf = (user: string): Int32Array => {
    const number = users.get(user)
    return number === undefined ? new Int32Array() : columns.subarray(starts[number]!, starts[number + 1]!)
  }
  for (const [user, item] of test) {
    const number = numbers.get(item)
    if (number !== undefined && knownOf(user).includes(number)) {
      repeated++
      continue
    }
    if (number === undefined) unknownItems++
    const theirs = wanted.get(user)
    if (theirs) theirs.add(item)
    else wanted.set(user, new Set([item]))
  }
  const questions = [...wanted].map(([user, items]) => ({ known: [...knownOf(user)], wanted: items }))
  return {
    questions,
    strangers: questions.filter(({ known }) => known.length === 0).length,
    unknownItems,
    repeated,
  }
}

/** Asks all questions. */
export function evaluate(
  { matrix }: { matrix: { items: readonly string[] } },
  rank: Rank,
  questions: readonly Question[],
  k = 10,
): Quality {
  const sums = { recall20: 0, precision: 0, ndcg: 0, ndcgUntruncated: 0 }
  for (const { known, wanted } of questions) {
    const ranked = rank(known, Math.max(20, k)).map((item) => matrix.items[item]!)
    const { recall } = rankingMetrics({ ranked, relevant: wanted, k: 20 })
    const { precision, ndcg, ndcgUntruncated } = rankingMetrics({ ranked, relevant: wanted, k })
    sums.recall20 += recall
    sums.precision += precision
    sums.ndcg += ndcg
    sums.ndcgUntruncated += ndcgUntruncated
  }
  const n = Math.max(1, questions.length)
  return {
    visitors: questions.length,
    recall20: sums.recall20 / n,
    precision: sums.precision / n,
    ndcg: sums.ndcg / n,
    ndcgUntruncated: sums.ndcgUntruncated / n,
  }
}
