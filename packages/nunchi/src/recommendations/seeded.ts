/** Lists of an answer that is at hand, and nothing else: what a server renders, and the page's first render repeats. */
import type { Recommendations } from '@nunchi/protocol'
import { isAnswer } from './answer.ts'
import type { RecommendationsQuery, Shelf } from './api.ts'
import { createHistory } from './history.ts'
import { asked, countOf } from './query.ts'
import { createShelves, type Shelves } from './shelves.ts'

/** Takes an answer for the lists of its types, and for whoever names no type. */
export function plant(shelves: Shelves, answer: unknown, now: number, query?: RecommendationsQuery): void {
  if (!isAnswer(answer)) return
  const lists = Object.values(answer.recommendations)
  const questions = ['', ...Object.keys(answer.recommendations)].map((type) =>
    asked({ list: lists[0]?.list, ...query, type }),
  )
  // A list that is shorter than was asked for is all that there is.
  const most = Math.max(countOf(query?.limit, 1), ...lists.map(({ items }) => items.length))
  shelves.take(answer, questions, Math.min(now, Date.parse(answer.generated_at)), most)
}

/** Reads lists from an answer alone. */
export function seeded(
  answer: Recommendations | undefined,
  of?: RecommendationsQuery,
): (query: RecommendationsQuery) => Shelf {
  const shelves = createShelves(
    createHistory(() => 0),
    false,
  )
  plant(shelves, answer, 0, of)
  return (query) => shelves.read(asked(query), 'loading')
}
