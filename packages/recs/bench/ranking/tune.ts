/** Chooses a method's settings on interactions held back from the training, never on the test. */
import type { ItemKnnOptions } from '../../src/index.ts'
import { seeded, shuffled } from '../random.ts'
import { evaluate, questionsOf } from './evaluate.ts'
import { easeScore, knnScore, rankBy, training } from './models.ts'

type Pair = readonly [string, string]

/** A training set, and interactions to choose by. */
export interface Split {
  train: readonly Pair[]
  valid: readonly Pair[]
}

/** Holds back a tenth, seeded. */
export function holdBack(pairs: readonly Pair[], seed = 20261122): Split {
  const random = seeded(seed)
  const held = pairs.map(() => random() < 0.1)
  return { train: pairs.filter((_, i) => !held[i]), valid: pairs.filter((_, i) => held[i]) }
}

/** The setting with the best NDCG@10 on at most 2,000 of the visitors held back. */
function choose<Setting>(settings: readonly Setting[], measure: (setting: Setting) => number): Setting {
  const measured = settings.map((setting) => ({ setting, value: measure(setting) }))
  return measured.reduce((one, other) => (other.value > one.value ? other : one)).setting
}

/** λ of EASE. */
export function tuneEase(
  { train, valid }: Split,
  lambdas: readonly number[] = [20, 50, 100, 200, 400, 800],
): number {
  const data = training(train)
  const questions = shuffled(questionsOf(data, valid).questions, seeded(1)).slice(0, 2000)
  return choose(lambdas, (lambda) => evaluate(data, rankBy(easeScore(data, lambda), data), questions).ndcg)
}

/** What was chosen most often; a large file takes it as it is, since each setting would take as long as the whole. */
const usual: ItemKnnOptions = { damping: 0.5, shrinkage: 1, balance: 0.4, neighbors: 100 }

/** Shrinkage, damping and balance of the neighbors. */
export function tuneKnn({ train, valid }: Split): ItemKnnOptions {
  if (train.length > 300_000) return usual
  const data = training(train)
  const questions = shuffled(questionsOf(data, valid).questions, seeded(1)).slice(0, 2000)
  const settings = [0.5, 1].flatMap((damping) =>
    [0, 1].flatMap((shrinkage) =>
      [0.5, 0.4, 0.3].map((balance): ItemKnnOptions => ({ damping, shrinkage, balance })),
    ),
  )
  return choose(settings, (setting) => evaluate(data, rankBy(knnScore(data, setting), data), questions).ndcg)
}
