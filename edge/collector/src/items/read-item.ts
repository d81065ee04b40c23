/** Reads one item of a catalog from parsed JSON: every field checked, text cut, nothing unknown taken. */
import { type Item, type ItemProblemCode, type JsonObject, limits } from '@nunchi/protocol'
import { cut } from '../parse/clean.ts'
import { isSafeUrl } from './safe-url.ts'

const { maxItemAttributesBytes, maxItemIdLength, maxItemTags, maxItemText } = limits

/** Why an item is not taken. */
export interface ItemFault {
  code: ItemProblemCode
  /** One sentence: what is wrong. */
  detail: string
  /** One sentence: what to do. */
  fix: string
}

type Given = { [field: string]: unknown }

const maxTitle = 500
const maxTag = 100
const maxDepth = 6
const maxValues = 200

/** One to a hundred letters, digits, dots, hyphens and underscores, of any script: lists of types are cut at commas. */
const typeShape = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]{0,99}$/u

const fault = (code: ItemProblemCode, detail: string, fix: string): ItemFault => ({ code, detail, fix })
const invalid = (detail: string, fix: string): ItemFault => fault('item_invalid', detail, fix)

/** Whether Postgres stores the text as it is. */
const storable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most && storable(value)

/** Whether a text may be an item's id. */
export const isItemId = (value: unknown): value is string =>
  isText(value, maxItemIdLength) && !/\p{Cc}/u.test(value)

/** Whether a text may name a type of items. */
export const isItemType = (value: unknown): value is string =>
  typeof value === 'string' && typeShape.test(value)

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fields = ['id', 'type', 'title', 'url', 'image', 'tags', 'text', 'attributes', 'available']

/** What is wrong with the values within attributes, deepest first given up on. */
function attributesFault(value: unknown, count: { values: number }, depth = 1): ItemFault | undefined {
  if (depth > maxDepth || ++count.values > maxValues)
    return fault(
      'item_too_large',
      `attributes must nest at most ${maxDepth} deep and hold at most ${maxValues} values.`,
      'Leave away what no filter, boost or page asks for.',
    )
  if (typeof value === 'string' && !storable(value))
    return invalid('attributes hold NUL or half of a surrogate pair.', 'Write the text again.')
  if (typeof value === 'number' && !Number.isFinite(value))
    return invalid('attributes hold a number beyond all bounds.', 'Send a finite number.')
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, one] of Object.entries(value)) {
    if (!storable(key))
      return invalid('attributes have a name with NUL or half of a surrogate pair.', 'Rename it.')
    const wrong = attributesFault(one, count, depth + 1)
    if (wrong) return wrong
  }
  return undefined
}

function tagsFault(tags: unknown): ItemFault | undefined {
  if (Array.isArray(tags) && tags.length <= maxItemTags && tags.every((tag) => isText(tag, maxTag))) return
  return invalid(
    `tags must be a list of at most ${maxItemTags} texts of 1 to ${maxTag} characters.`,
    'Mend or leave away tags.',
  )
}

function linkFault(name: 'url' | 'image', value: unknown): ItemFault | undefined {
  if (typeof value === 'string' && isSafeUrl(value)) return
  return fault(
    'item_url_invalid',
    `${name} must be an http: or https: address, or a path that begins with one slash.`,
    'Write the whole address, or the path from the site’s root, without spaces.',
  )
}

function requiredFault({ id, type, title }: Given): ItemFault | undefined {
  if (!isItemId(id))
    return invalid(
      `id must be a text of 1 to ${maxItemIdLength} characters, none of them a control character.`,
      'Give the item the id that events name.',
    )
  if (!isItemType(type))
    return invalid(
      'type must be 1 to 100 letters, digits, dots, hyphens and underscores.',
      'Name the catalog it belongs to, such as products.',
    )
  if (!isText(title, maxTitle))
    return invalid(`title must be a text of 1 to ${maxTitle} characters.`, 'Give the item a title.')
  return undefined
}

function optionalFault(given: Given): ItemFault | undefined {
  const { url, image, tags, text, attributes, available } = given
  for (const [name, value] of [
    ['url', url],
    ['image', image],
  ] as const)
    if (value !== undefined) {
      const wrong = linkFault(name, value)
      if (wrong) return wrong
    }
  if (text !== undefined && (typeof text !== 'string' || !storable(text)))
    return invalid('text must be a text without NUL and half surrogate pairs.', 'Mend or leave away text.')
  if (available !== undefined && typeof available !== 'boolean')
    return invalid('available must be true or false.', 'Send true or false, not a text.')
  return (tags === undefined ? undefined : tagsFault(tags)) ?? objectFault(attributes)
}

function objectFault(attributes: unknown): ItemFault | undefined {
  if (attributes === undefined) return undefined
  if (!isObject(attributes)) return invalid('attributes must be an object.', 'Send { "price": 39, … }.')
  const wrong = attributesFault(attributes, { values: 0 })
  if (wrong) return wrong
  if (new TextEncoder().encode(JSON.stringify(attributes)).length <= maxItemAttributesBytes) return undefined
  return fault(
    'item_too_large',
    `attributes must be at most ${maxItemAttributesBytes} bytes as JSON.`,
    'Leave away what no filter, boost or page asks for.',
  )
}

/**
 * Reads one item. `null` counts as absent, and so does what is so anyway (no tags, available); tags are trimmed and named
 * once, text is cut at 10,000 characters.
 *
 * @returns the item, or what is wrong with it
 */
export function readItem(value: unknown): { item: Item } | { fault: ItemFault } {
  if (!isObject(value))
    return { fault: invalid('It is no JSON object.', 'Send items such as { "id", "type", "title" }.') }
  const given = Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null))
  const odd = Object.keys(given).find((name) => !fields.includes(name))
  if (odd !== undefined)
    return {
      fault: invalid(
        `Items have no field ${JSON.stringify(cut(odd.toWellFormed(), 60))}.`,
        `Take one of ${fields.join(', ')}; what is your own goes into attributes.`,
      ),
    }
  const wrong = requiredFault(given) ?? optionalFault(given)
  if (wrong) return { fault: wrong }
  const { id, type, title, url, image, tags, text, attributes, available } = given as unknown as Item
  const item: Item = { id, type, title }
  if (url !== undefined) item.url = url
  if (image !== undefined) item.image = image
  const named = [...new Set(tags?.map((tag) => tag.trim()))]
  if (named.length > 0) item.tags = named
  if (text) item.text = cut(text, maxItemText)
  if (attributes && Object.keys(attributes).length > 0) item.attributes = attributes as JsonObject
  if (available === false) item.available = false
  return { item }
}
