/** Reads a product feed in XML (RSS 2.0 or Atom, with the `g:` names of merchant feeds) as a stream of records. */
import sax, { type SAXParser } from 'sax'
import { CliError } from '../cli-error.ts'
import { type Found, type Read, utf8Of } from '../import/read-records.ts'

/** No field of an item needs more; what is longer is not collected. */
const longest = 50_000
const entries = new Set(['item', 'entry'])

/** A name without its namespace's prefix, in lower case. */
const bare = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase()

/** Adds a value; a name that comes again becomes a list. */
function add(record: Found, name: string, value: string): void {
  if (value === '') return
  const before = record[name]
  record[name] = before === undefined ? value : [before, value].flat()
}

/** Collects the direct children of each item; what stands within them (shipping, tax) belongs to none. */
function collector(parser: SAXParser): Read[] {
  const found: Read[] = []
  let current: { line: number; record: Found } | undefined
  let depth = 0
  let field = ''
  let text = ''
  const take = (part: string) => {
    if (current && depth === 1 && text.length < longest) text += part
  }
  parser.onopentag = ({ name, attributes }) => {
    if (!current) {
      if (entries.has(bare(name))) current = { line: parser.line + 1, record: {} }
      return
    }
    if (++depth > 1) return
    field = bare(name)
    // Atom says an address as an attribute.
    const { href, rel } = attributes as { [name: string]: string }
    text = field === 'link' && href && (rel === undefined || rel === 'alternate') ? href : ''
  }
  parser.ontext = take
  parser.oncdata = take
  parser.onclosetag = () => {
    if (!current) return
    if (depth === 1) add(current.record, field, text.trim())
    if (depth-- > 0) return
    found.push(current)
    current = undefined
    depth = 0
  }
  return found
}

/**
 * The items of a feed, each with the line it begins on.
 *
 * @param onBytes hears how far the file is read
 * @throws CliError `source_unreadable` where it is no XML, or holds no items
 */
export async function* readFeed(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
  const parser = sax.parser(true, { position: true })
  const found = collector(parser)
  const utf8 = new TextDecoder('utf-8')
  let count = 0
  parser.onerror = (error) => {
    const [said = ''] = error.message.split('\n')
    throw new CliError('source_unreadable', `${file} is no XML at line ${parser.line + 1}: ${said}.`, error)
  }
  const flush = function* (): Generator<Read> {
    count += found.length
    yield* found.splice(0)
  }
  for await (const chunk of utf8Of(file, onBytes)) {
    parser.write(utf8.decode(chunk, { stream: true }))
    yield* flush()
  }
  parser.close()
  yield* flush()
  if (count === 0)
    throw new CliError('source_unreadable', `${file} holds no <item> and no <entry>; is it a product feed?`)
}
