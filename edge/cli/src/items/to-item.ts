/** Makes of a record (a line of a table, an object, a feed's item) what the catalog is given. */
import { CliError } from '../cli-error.ts'
import { readPairs } from '../import/columns.ts'
import type { Found } from '../import/read-records.ts'

const fields = ['id', 'type', 'title', 'url', 'image', 'tags', 'text', 'attributes', 'available'] as const

/** A field of an item. */
export type ItemField = (typeof fields)[number]

/** Names in use for each, the likeliest first. */
const usual: { [field in ItemField]: string[] } = {
  id: ['id', 'item_id', 'itemid', 'sku', 'product_id', 'productid'],
  type: ['type', 'item_type', 'catalog'],
  title: ['title', 'name'],
  url: ['url', 'link', 'href'],
  image: ['image', 'image_link', 'image_url', 'imageurl'],
  tags: ['tags', 'product_type', 'categories', 'category', 'labels'],
  text: ['text', 'description', 'body', 'summary'],
  attributes: ['attributes', 'properties', 'metadata'],
  available: ['available', 'availability', 'in_stock'],
}

/** What of a merchant feed is worth a filter or a boost. */
export const feedAttributes: readonly string[] = [
  'price',
  'sale_price',
  'brand',
  'condition',
  'color',
  'size',
  'material',
  'gender',
  'age_group',
  'item_group_id',
  'google_product_category',
]

/** How records become items. */
export interface ItemMapping {
  /** Which column is which field: `id=sku,title=label`. */
  columns?: string | undefined
  /** The type of items whose record names none. */
  type?: string | undefined
  /** Columns that become attributes. */
  attributes: readonly string[]
}

const normal = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')

const inStock = /^(true|1|yes|y|in_?stock|preorder|pre_?order|backorder|available)$/
const outOfStock = /^(false|0|no|n|out_?of_?stock|sold_?out|discontinued|unavailable)$/

/** Truth as tables and feeds write it; what is not understood stays, and is refused by name. */
function truth(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const word = normal(value)
  if (word === '') return undefined
  return inStock.test(word) ? true : outOfStock.test(word) ? false : value
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A list as such, as JSON, or cut at `|`, `>`, `;` and commas. */
function tagsOf(value: unknown): unknown {
  const cut = (text: string) =>
    text
      .split(/[|>;,]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
  if (Array.isArray(value)) return value.flatMap((one) => (typeof one === 'string' ? cut(one) : [one]))
  if (typeof value !== 'string') return value
  if (value.trim() === '') return undefined
  const json = value.trim().startsWith('[') ? jsonOf(value) : undefined
  return json ?? cut(value)
}

/** A number where a text is one as people write it; else the text. */
const scalar = (text: string): unknown =>
  /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(text) ? Number(text) : text

/** One column as attributes: `39.00 USD` is a number and its currency. */
function attributeOf(name: string, value: unknown): Found {
  if (typeof value !== 'string') return value === undefined || value === null ? {} : { [name]: value }
  const text = value.trim()
  if (text === '') return {}
  const [, amount, currency] = /^(\d{1,12}(?:\.\d+)?) ?([A-Z]{3})$/.exec(text) ?? []
  if (/price$/.test(name) && amount !== undefined) return { [name]: Number(amount), currency }
  return { [name]: scalar(text) }
}

const plain = (text: string): string =>
  text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

/** An empty cell is none. */
const filled = (value: unknown): unknown =>
  typeof value === 'string' && value.trim() === '' ? undefined : value

/** What a field becomes. */
const readers: { [field in ItemField]: (value: unknown) => unknown } = {
  // Tables of numbers have numbers for ids.
  id: (value) => (typeof value === 'number' ? String(value) : first(value)),
  type: first,
  title: first,
  url: first,
  image: first,
  tags: tagsOf,
  text: (value) => (typeof first(value) === 'string' ? plain(first(value) as string) : first(value)),
  attributes: (value) => (typeof value === 'string' ? (jsonOf(value) ?? value) : value),
  available: (value) => truth(first(value)),
}

/** Makes items of records. */
export interface ToItem {
  (record: Found): Found
  /** The columns of a record that nothing is made of. */
  unused(record: Found): string[]
}

/**
 * Makes it.
 *
 * @throws CliError `usage` where `columns` is not understood
 */
export function toItem({ columns, type, attributes }: ItemMapping): ToItem {
  const named = readPairs(columns, fields)
  const places = (record: Found) => {
    const there = new Map(Object.keys(record).map((name) => [normal(name), name]))
    const placed = fields.map((field) => {
      const name = named[field] ?? usual[field].find((one) => there.has(one))
      return [field, name === undefined ? undefined : there.get(normal(name))] as const
    })
    return { there, placed }
  }
  const make = (record: Found): Found => {
    const { there, placed } = places(record)
    const item: Found = {}
    for (const [field, name] of placed) {
      const value = name === undefined ? undefined : filled(record[name])
      const read = value === undefined ? undefined : readers[field](value)
      if (read !== undefined) item[field] = read
    }
    if (item['type'] === undefined && type !== undefined) item['type'] = type
    const extra = attributes.map((name) =>
      attributeOf(normal(name), first(record[there.get(normal(name)) ?? ''])),
    )
    const all = Object.assign({}, ...extra) as Found
    const own = item['attributes']
    if (
      Object.keys(all).length > 0 &&
      (own === undefined || (typeof own === 'object' && !Array.isArray(own)))
    )
      item['attributes'] = { ...all, ...(own as Found | undefined) }
    return item
  }
  const unused = (record: Found): string[] => {
    const taken = new Set([...places(record).placed.map(([, name]) => name), ...attributes.map(normal)])
    return Object.keys(record).filter((name) => !taken.has(name) && !taken.has(normal(name)))
  }
  return Object.assign(make, { unused })
}

/** @throws CliError `usage` where the file's name says no kind that is read */
export function kindOf(file: string): 'csv' | 'tsv' | 'jsonl' | 'xml' {
  const kind = /\.(csv|tsv|txt|jsonl|ndjson|xml|rss|atom)$/i.exec(file)?.[1]?.toLowerCase()
  if (kind === 'csv') return 'csv'
  if (kind === 'tsv' || kind === 'txt') return 'tsv'
  if (kind === 'jsonl' || kind === 'ndjson') return 'jsonl'
  if (kind !== undefined) return 'xml'
  throw new CliError(
    'usage',
    `${file} must end in .csv, .tsv, .jsonl or .xml; a feed with tabs may be a .txt.`,
  )
}
