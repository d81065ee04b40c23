/** Reads what `GET /v1/recommendations` is asked, and says which part of it is not understood. */
import { limits, type RecommendationList } from '@nunchi/protocol'
import { isItemId, isItemType } from '../items/read-item.ts'
import { Problem } from '../problem.ts'

const { maxIdLength, maxRecommendations, maxRecommendationTypes, maxUrlLength } = limits

/** A question, as `nunchi.recommend` takes it. */
export interface Question {
  types?: string[]
  list: RecommendationList
  anonymousId?: string
  userId?: string
  context?: { items: string[] } | { page: string }
  limit: number
  exclude?: string[]
  includeSeen: boolean
}

/** The parameters of an address: each may come several times. */
export type Parameters = (name: string) => string[]

const lists: readonly string[] = ['user', 'contextual', 'similar', 'trending']
const maxExcluded = 500
const maxContextItems = 50

const wrong = (detail: string) => new Problem('recommendations_invalid', { detail })

const parts = (texts: string[]): string[] => [
  ...new Set(
    texts
      .flatMap((text) => text.split(','))
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]

function one(parameters: Parameters, name: string): string | undefined {
  const all = parameters(name)
  if (all.length > 1) throw wrong(`${name} is given ${all.length} times.`)
  return all[0]
}

function personId(parameters: Parameters, name: 'anonymousId' | 'userId'): string | undefined {
  const text = one(parameters, name)
  if (text === undefined) return undefined
  if (text === '' || text.length > maxIdLength || !text.isWellFormed() || text.includes('\0'))
    throw wrong(`${name} must have 1 to ${maxIdLength} characters.`)
  return text
}

function idsOf(texts: string[], name: string, most: number): string[] {
  if (texts.length > most || !texts.every(isItemId))
    throw wrong(`${name} must name at most ${most} items by ids of 1 to 200 characters.`)
  return texts
}

function contextOf(parameters: Parameters): Question['context'] {
  const texts = parameters('context').filter((text) => text !== '')
  const pages = texts.filter((text) => text.startsWith('page:'))
  const [page] = pages
  if (page !== undefined) {
    const url = page.slice('page:'.length)
    if (texts.length > 1) throw wrong('A context that is a page stands alone.')
    if (url === '' || url.length > maxUrlLength || !url.isWellFormed() || url.includes('\0'))
      throw wrong('The page of context is no address.')
    return { page: url }
  }
  const named = texts.flatMap((text) => {
    const [, kind, rest = ''] = /^(item|cart):(.*)$/s.exec(text) ?? []
    if (kind === undefined) throw wrong('context must begin with item:, cart: or page:.')
    return kind === 'item' ? [rest] : parts([rest])
  })
  return named.length > 0 ? { items: idsOf([...new Set(named)], 'context', maxContextItems) } : undefined
}

function listOf(parameters: Parameters, context: Question['context']): RecommendationList {
  const list = one(parameters, 'list') ?? 'user'
  if (!lists.includes(list)) throw wrong(`list must be one of ${lists.join(', ')}.`)
  if (list === 'similar' && !(context && 'items' in context))
    throw wrong('list=similar needs the item it should be like: context=item:ID.')
  if (list === 'contextual' && !context)
    throw wrong('list=contextual needs a context: item:ID, cart:ID,ID or page:URL.')
  return list as RecommendationList
}

function limitOf(parameters: Parameters): number {
  const text = one(parameters, 'limit') ?? '10'
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > maxRecommendations)
    throw wrong(`limit must be a whole number from 1 to ${maxRecommendations}.`)
  return limit
}

function typesOf(parameters: Parameters): string[] {
  const types = parts(parameters('type'))
  if (types.length > maxRecommendationTypes)
    throw wrong(`At most ${maxRecommendationTypes} types can be asked for at once.`)
  const odd = types.find((type) => !isItemType(type))
  if (odd !== undefined) throw wrong('type must name types of items, with commas between them.')
  return types
}

/**
 * Reads a question. Parameters that are not known are passed over.
 *
 * @throws a `Problem` `recommendations_invalid` that names the parameter
 */
export function readQuestion(parameters: Parameters): Question {
  const [anonymousId, userId] = [personId(parameters, 'anonymousId'), personId(parameters, 'userId')]
  const context = contextOf(parameters)
  const types = typesOf(parameters)
  const exclude = idsOf(parts(parameters('exclude')), 'exclude', maxExcluded)
  return {
    list: listOf(parameters, context),
    limit: limitOf(parameters),
    includeSeen: one(parameters, 'seen') === '1',
    ...(types.length > 0 && { types }),
    ...(anonymousId !== undefined && { anonymousId }),
    ...(userId !== undefined && { userId }),
    ...(context && { context }),
    ...(exclude.length > 0 && { exclude }),
  }
}
