/** Neighbors by what items say about themselves: tags and words, the rarer the more telling. */
import type { ItemNeighbors, Neighbor } from './item-knn.ts'
import { best } from './nearest.ts'

/** What an item says about itself. */
export interface ItemContent {
  id: string
  /** Names given by people; case does not matter. */
  tags?: readonly string[]
  /** Title and description, in any language. */
  text?: string
}

/** How contents are compared. */
export interface ContentOptions {
  /** How much a tag weighs against a word of the text. @default 3 */
  tagWeight?: number
  /** How many neighbors an item keeps. @default 100 */
  neighbors?: number
  /**
   * Words and tags of more than this share of the items say nothing, and would make the work quadratic.
   * @default 0.3
   */
  commonShare?: number
}

/** Neighbors by content, with what two items have in common. */
export interface ContentNeighbors extends ItemNeighbors {
  /** The tags that both have, the most telling first. */
  inCommon(one: number, other: number): string[]
}

const word = /[\p{L}\p{N}]+/gu
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

/**
 * The words of a text: lower case, two letters and more. Scripts that write without spaces, or glue particles to words
 * (Korean), are cut into pairs of letters instead.
 */
export function wordsOf(text: string): string[] {
  return [...text.normalize('NFKC').toLowerCase().matchAll(word)].flatMap(([one]) => {
    if (!unspaced.test(one)) return one.length > 1 ? [one] : []
    const letters = [...one]
    return letters.length < 3 ? [one] : letters.slice(1).map((letter, i) => letters[i]! + letter)
  })
}

/** Terms with how often they occur in an item; a tag is marked, so that it is no word. */
function termsOf({ tags = [], text = '' }: ItemContent, tagWeight: number): Map<string, number> {
  const terms = new Map<string, number>()
  for (const one of wordsOf(text)) terms.set(one, (terms.get(one) ?? 0) + 1)
  for (const [term, count] of terms) terms.set(term, 1 + Math.log(count))
  for (const tag of tags) terms.set(`#${tag.trim().toLowerCase()}`, tagWeight)
  terms.delete('#')
  return terms
}

/** A posting: an item with the term, and the term's weight in it. */
interface Posting {
  item: number
  weight: number
}

/**
 * Neighbors by content: the cosine of vectors of tags and words, weight = (tag weight, or 1 + ln count) · idf with
 * idf = ln((N + 1) ÷ (n + 1)) + 1, over terms that at least two items and at most `commonShare` of them have (a tag may
 * be common in a small catalog).
 *
 * Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988).
 */
export function contentNeighbors(
  items: readonly ItemContent[],
  { tagWeight = 3, neighbors = 100, commonShare = 0.3 }: ContentOptions = {},
): ContentNeighbors {
  const terms = items.map((item) => termsOf(item, tagWeight))
  const frequency = new Map<string, number>()
  for (const one of terms) for (const term of one.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1)
  const most = Math.max(20, commonShare * items.length)
  const idf = (term: string): number => {
    const n = frequency.get(term) ?? 0
    return n > most ? 0 : Math.log((items.length + 1) / (n + 1)) + 1
  }
  const postings = new Map<string, Posting[]>()
  const vectors = terms.map((one, item) => {
    const weighted = [...one].map(([term, weight]): [string, number] => [term, weight * idf(term)])
    const length = Math.hypot(...weighted.map(([, weight]) => weight)) || 1
    const unit = weighted
      .filter(([term, weight]) => weight > 0 && frequency.get(term)! > 1)
      .map(([term, weight]): [string, number] => [term, weight / length])
    for (const [term, weight] of unit) {
      const list = postings.get(term)
      if (list) list.push({ item, weight })
      else postings.set(term, [{ item, weight }])
    }
    return unit
  })
  return {
    of(item): Neighbor[] {
      const sums = new Map<number, number>()
      for (const [term, weight] of vectors[item] ?? [])
        for (const other of postings.get(term)!)
          sums.set(other.item, (sums.get(other.item) ?? 0) + weight * other.weight)
      sums.delete(item)
      const top = best(neighbors)
      for (const [other, similarity] of sums) top.offer(other, similarity)
      return top.sorted().map(({ index, score }) => ({ item: index, similarity: Math.min(1, score) }))
    },
    inCommon: (one, other) =>
      [...(terms[one]?.keys() ?? [])]
        .filter((term) => term.startsWith('#') && terms[other]?.has(term))
        .sort((a, b) => idf(b) - idf(a) || (a < b ? -1 : 1))
        .map((term) => term.slice(1)),
  }
}
