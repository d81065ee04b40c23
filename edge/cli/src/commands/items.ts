/** `nunchi items`: what can be recommended, from files and feeds. */

import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Catalog, ownerCatalog } from '@nunchi/collector/items'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs, type Given } from '../config/environment-of.ts'
import { withDatabase } from '../database/open.ts'
import { badRows } from '../import/bad-rows.ts'
import { progress } from '../import/progress.ts'
import { type Read, readCsv, readJsonl } from '../import/read-records.ts'
import { importItems } from '../items/import-items.ts'
import { readFeed } from '../items/read-feed.ts'
import { feedAttributes, kindOf, toItem } from '../items/to-item.ts'
import type { ListedKey } from '../keys.ts'
import { print, table, yellow } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const { json, ...args } = configArgs
const jsonArg = { json: { ...json, description: 'Prints JSON, one item a line' } } as const

async function withCatalog(
  given: Given,
  work: (catalog: Catalog, name: string, warning: string | undefined) => Promise<void>,
): Promise<void> {
  const { environment = 'production' } = given
  await withDatabase(given, async ({ owner }) => {
    const { projectId, name } = await projectNamed(owner, given.project)
    const keys = await owner.call<ListedKey[]>('list_keys', { projectId })
    const catalog = ownerCatalog(owner, { projectId, environment })
    await work(catalog, `${environment} of ${name}`, unaskable(keys, environment))
  })
}

/** What to say where no key is of the environment, but keys of others are: nobody could ask for these items. */
function unaskable(keys: ListedKey[], environment: string): string | undefined {
  const served = [...new Set(keys.filter((key) => key.revokedAt === null).map((key) => key.environment))]
  if (served.length === 0 || served.includes(environment)) return undefined
  return `No key is of ${environment}, so nobody can ask for these items. For the keys that there are: --environment ${served.sort().join(' or ')}.`
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch (error) {
    throw new CliError(
      'file_missing',
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      error,
    )
  }
}

function recordsOf(file: string, kind: ReturnType<typeof kindOf>, onBytes: (bytes: number) => void) {
  if (kind === 'xml') return readFeed(file, onBytes)
  return kind === 'jsonl' ? readJsonl(file, onBytes) : readCsv(file, onBytes, kind === 'tsv' ? '\t' : ',')
}

/** Says once which columns nothing is made of. */
async function* saying(
  records: AsyncIterable<Read>,
  unused: (record: object) => string[],
): AsyncGenerator<Read> {
  let said = false
  for await (const read of records) {
    const left = read.record && !said ? unused(read.record) : []
    said ||= read.record !== undefined
    if (left.length > 0)
      print(`Not taken: ${left.join(', ')}. Name what filters and pages ask for with --attributes A,B.`)
    yield read
  }
}

const importItemsOf: CommandDef = command({
  meta: { name: 'items import', description: 'Put the items of a file or a product feed into the catalog' },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'A .csv, .tsv or .jsonl file, or a merchant feed as .xml or .txt',
    },
    type: { type: 'string', description: 'The type of items that name none; products for feeds' },
    columns: { type: 'string', description: 'Which column is which: id=…,title=…,url=…,image=…,tags=…' },
    attributes: { type: 'string', description: 'Columns that become attributes: price,brand' },
    bad: { type: 'string', description: 'A file for what was left out, one JSON object a line' },
    ...args,
  },
  async run({ args: given }) {
    const { file, type, columns } = given
    const kind = kindOf(file)
    const isFeed = kind === 'xml' || kind === 'tsv'
    const attributes =
      given.attributes?.split(',').map((name) => name.trim()) ?? (isFeed ? feedAttributes : [])
    const make = toItem({ columns, type: type ?? (isFeed ? 'products' : undefined), attributes })
    const size = sizeOf(file)
    await withCatalog(given, async (catalog, name, warning) => {
      const bad = badRows(given.bad)
      const telling = progress()
      let bytes = 0
      const records = recordsOf(file, kind, (now) => {
        bytes = now
      })
      try {
        const done = await importItems(catalog, {
          records: isFeed ? records : saying(records, (record) => make.unused(record as never)),
          make,
          onBad: bad.tell,
          onPart: (rows) => telling.tell(rows, size === 0 ? undefined : Math.min(1, bytes / size)),
        })
        const rest = bad.rest()
        if (rest) print(rest)
        print(
          `Imported ${file} into ${name}: ${done.rows} items read, ${done.accepted - done.unchanged} new or changed, ${done.unchanged} unchanged, ${done.bad} left out.`,
        )
        if (warning) print(`${yellow('!')} ${warning}`)
      } finally {
        telling.end()
      }
    })
  },
})

const list: CommandDef = command({
  meta: { name: 'items list', description: 'List the items of the catalog, by id' },
  args: {
    type: { type: 'string', description: 'Only this type' },
    limit: { type: 'string', description: 'How many at most', default: '100' },
    ...args,
    ...jsonArg,
  },
  async run({ args: given }) {
    const limit = /^\d{1,9}$/.test(given.limit) ? Number(given.limit) : 0
    if (limit === 0) throw new CliError('usage', '--limit must be a whole number of at least 1.')
    await withCatalog(given, async (catalog, name) => {
      const { type } = given
      let left = limit
      let next: string | null | undefined
      const rows: string[][] = []
      while (left > 0 && next !== null) {
        const asked = { limit: Math.min(left, 1_000), ...(type && { type }), ...(next && { after: next }) }
        const page = await catalog.list(asked)
        if (given.json) for (const item of page.items) print(JSON.stringify(item))
        else
          rows.push(
            ...page.items.map((one) => [one.id, one.type, one.available === false ? 'no' : 'yes', one.title]),
          )
        left -= page.items.length
        next = page.next
      }
      if (given.json) return
      if (rows.length === 0)
        return print(`No items in ${name} yet; put some in with: nunchi items import FILE`)
      print(table(['id', 'type', 'available', 'title'], rows))
      if (next !== null) print(`There are more; --limit N shows them.`)
    })
  },
})

/** The ids that the command line names, one by itself or a file of them. */
async function idsOf(id: string | undefined, file: string | undefined): Promise<string[]> {
  if ((id === undefined) === (file === undefined))
    throw new CliError('usage', 'Name what to delete: an id, or --file FILE with one id a line.')
  if (id !== undefined) return [id]
  const text = await readFile(file as string, 'utf8').catch((cause: unknown) => {
    throw new CliError('file_missing', `The file ${file} cannot be read.`, cause)
  })
  return text.split(/\r?\n/).filter((line) => line.trim() !== '')
}

const remove: CommandDef = command({
  meta: { name: 'items delete', description: 'Take items out of the catalog; their events stay' },
  args: {
    id: { type: 'positional', required: false, description: 'The item' },
    file: { type: 'string', description: 'Or a file with one id a line' },
    ...args,
  },
  async run({ args: given }) {
    const ids = await idsOf(given.id, given.file)
    await withCatalog(given, async (catalog, name) => {
      let deleted = 0
      for (let at = 0; at < ids.length; at += 1_000)
        deleted += (await catalog.remove(ids.slice(at, at + 1_000))).deleted
      print(`Took ${deleted} of ${ids.length} items out of ${name}.`)
    })
  },
})

/** Imports, lists and deletes items. */
export const items: CommandDef = {
  meta: { name: 'items', description: 'Say what can be recommended' },
  subCommands: { import: importItemsOf, list, delete: remove },
}
