/** How good the lists are for visitors of whom little is known, and for items that nobody has seen yet. */
import { contentNeighbors } from '../../src/index.ts'
import { seeded, shuffled } from '../random.ts'
import { evaluate, type Question } from './evaluate.ts'
import {
  blendWeights,
  easeScore,
  knnScore,
  type Rank,
  rankBlend,
  rankBy,
  rankPopular,
  type Score,
  training,
} from './models.ts'

type Pair = readonly [string, string]

/** NDCG@10 of three methods for visitors with so many known items. */
export interface ColdStart {
  known: number
  popularity: number
  neighbors: number
  blend: number
}

/** Splits visitors: those who are asked about are not in the training at all. */
function strangers(train: readonly Pair[], test: readonly Pair[]) {
  const wanted = new Map<string, Set<string>>()
  for (const [user, item] of test) wanted.set(user, (wanted.get(user) ?? new Set()).add(item))
  const users = shuffled([...wanted.keys()], seeded(3))
  const asked = new Set(users.slice(0, Math.min(1000, Math.ceil(users.length / 3))))
  const data = training(train.filter(([user]) => !asked.has(user)))
  const histories = new Map<string, number[]>()
  for (const [user, item] of train) {
    const number = data.numbers.get(item)
    if (asked.has(user) && number !== undefined) histories.set(user, [...(histories.get(user) ?? []), number])
  }
  return { data, histories, wanted }
}

/** Leaves out what the visitor saw besides the known items: it is neither known nor to be found. */
const without =
  (rank: Rank, hidden: ReadonlySet<number>): Rank =>
  (known, k) =>
    rank(known, k + hidden.size)
      .filter((item) => !hidden.has(item))
      .slice(0, k)

/** NDCG@10 by how many items are known, on visitors that the training has never seen; three draws of the known items. */
export function coldStart(
  train: readonly Pair[],
  test: readonly Pair[],
  source: 'knn' | 'ease',
  lambda = 200,
): ColdStart[] {
  const { data, histories, wanted } = strangers(train, test)
  const score: Score = source === 'ease' ? easeScore(data, lambda) : knnScore(data, {})
  const ranks = {
    popularity: rankPopular(data),
    neighbors: rankBy(score, data),
    blend: rankBlend(score, data, blendWeights[source]),
  }
  return [0, 1, 2, 3, 5, 10].map((known) => {
    const random = seeded(known + 1)
    const able = [...histories].filter(([, items]) => items.length >= known)
    const asked = [1, 2, 3].flatMap(() =>
      able.map(([user, items]) => {
        const order = shuffled(items, random)
        const question: Question = { known: order.slice(0, known), wanted: wanted.get(user)! }
        return { question, hidden: new Set(order.slice(known)) }
      }),
    )
    const measure = (rank: Rank): number =>
      asked.reduce(
        (sum, { question, hidden }) => sum + evaluate(data, without(rank, hidden), [question]).ndcg,
        0,
      ) / asked.length
    return {
      known,
      popularity: measure(ranks.popularity),
      neighbors: measure(ranks.neighbors),
      blend: measure(ranks.blend),
    }
  })
}

/** A made catalog: items of 20 topics with tags and words, visitors who like two topics each. Seeded. */
function madeCatalog(seed: number) {
  const random = seeded(seed)
  const pick = (n: number) => Math.floor(random() * n)
  const items = Array.from({ length: 1000 }, (_, id) => {
    const topic = pick(20)
    // One tag in three, and half of the words, say nothing about the topic.
    const tags = [1, 2, 3].map(() => (random() < 2 / 3 ? `topic${topic}-${pick(5)}` : `any${pick(30)}`))
    const words = Array.from({ length: 12 }, () =>
      random() < 0.5 ? `w${topic}x${pick(12)}` : `w${pick(400)}`,
    )
    return { id: String(id), topic, tags, text: words.join(' ') }
  })
  const pairs: Pair[] = []
  for (let user = 0; user < 2000; user++) {
    const topics = [pick(20), pick(20)]
    for (const item of shuffled(items, random).slice(0, 300))
      if (random() < (topics.includes(item.topic) ? 0.2 : 0.01)) pairs.push([`u${user}`, item.id])
  }
  return { items, pairs }
}

/** NDCG@10 among the items that nobody in the training has seen: by content, by chance. */
export interface NewItems {
  newItems: number
  content: number
  chance: number
}

/** Hides a tenth of a made catalog from the training, and asks who of the visitors wants which of the hidden. */
export function newItems(seed = 20261122): NewItems {
  const { items, pairs } = madeCatalog(seed)
  const random = seeded(seed + 1)
  const fresh = new Set(items.filter(() => random() < 0.1).map(({ id }) => id))
  const neighbors = contentNeighbors(items)
  const histories = new Map<string, { known: number[]; wanted: Set<string> }>()
  for (const [user, item] of pairs) {
    const theirs = histories.get(user) ?? { known: [], wanted: new Set<string>() }
    if (fresh.has(item)) theirs.wanted.add(item)
    else theirs.known.push(Number(item))
    histories.set(user, theirs)
  }
  const numbers = [...fresh].map(Number)
  const questions = [...histories.values()].filter(({ known, wanted }) => known.length > 0 && wanted.size > 0)
  const data = { matrix: { items: items.map(({ id }) => id) } }
  const byContent: Rank = (known, k) => {
    const scores = new Map(numbers.map((item) => [item, 0]))
    for (const one of known)
      for (const { item, similarity } of neighbors.of(one))
        if (scores.has(item)) scores.set(item, scores.get(item)! + similarity)
    return [...scores]
      .sort((a, b) => b[1] - a[1])
      .slice(0, k)
      .map(([item]) => item)
  }
  const byChance: Rank = (_, k) => shuffled(numbers, random).slice(0, k)
  const measure = (rank: Rank) => evaluate(data, rank, questions).ndcg
  return { newItems: fresh.size, content: measure(byContent), chance: measure(byChance) }
}
