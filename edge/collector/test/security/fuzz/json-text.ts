/** JSON as a grammar makes it: also what no JavaScript value can be, such as a key twice or a number beyond all. */
import type { Random } from '../../../../../scripts/simulator/random.ts'

/** A value to be written; `raw` goes out as it stands, `pairs` may repeat keys. */
export type Node = null | boolean | number | string | Node[] | Pairs | { raw: string }

/** An object, in order. */
export interface Pairs {
  pairs: [string, Node][]
}

/** An object's pairs. */
export const object = (fields: { [key: string]: Node }): Pairs => ({ pairs: Object.entries(fields) })

/** What a field of a valid batch may be replaced by; each leaves the body valid JSON of bounded depth. */
const nested = (depth: number, [open, close]: readonly [string, string] = ['[', ']']) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`
const manyKeys = Array.from({ length: 1001 }, (_, i) => `"k${i}":0`).join()

/** Values that are valid JSON and trouble. */
export const nastyValues: readonly Node[] = [
  null,
  true,
  false,
  '',
  'a\0b',
  '\0',
  '\ud800',
  'x\udfffy',
  '\udc00\ud800',
  '😀'.repeat(150),
  'x'.repeat(201),
  'x'.repeat(257),
  '가'.repeat(5_000),
  'x'.repeat(33_000),
  "'; drop table nunchi.analytics_events;--",
  "a' || pg_sleep(5) || '",
  '$1',
  '\\',
  '"',
  '\u2028\u202e\ufeff\ufffe\u0085',
  '__proto__',
  'NaN',
  'infinity',
  'now',
  '2025-02-30',
  '00000000-0000-0000-0000-000000000000',
  '0193a5b0-0000-4000-8000-000000000000',
  'ffffffff-ffff-7fff-bfff-ffffffffffff',
  ...['-0', '0.5', '-1', '2147483647', '2147483648', '9007199254740993', '8.64e15', '253402300799999'].map(
    (raw) => ({ raw }),
  ),
  ...['253402300800000', '1e400', '-1e400', '1e200000', '1.7976931348623157e308', '5e-324', '1e-400'].map(
    (raw) => ({ raw }),
  ),
  ...['0e999999999', '1E+2', '123456789012345678901234567890.123456789', '[]', '{}', '[[]]', '[null]'].map(
    (raw) => ({ raw }),
  ),
  { raw: '"\\u0000"' },
  { raw: '"\\uD800\\u0000\\uDC00"' },
  { raw: '"\\ud83d\\ude00\\/\\b\\f"' },
  { raw: '{"__proto__":{"polluted":1}}' },
  { raw: '{"__proto__":null,"a":1e999}' },
  { raw: '{"constructor":{"prototype":{"polluted":1}}}' },
  { raw: '{"toJSON":1,"toString":null,"hasOwnProperty":2,"valueOf":"x","then":{}}' },
  { raw: '{"a":1,"a":{"a":2},"\\u0061":3}' },
  { raw: '{"\\u0000":1,"\\ud800":2,"\ufffd":3}' },
  { raw: '{"2":1,"1":2,"":3,"-0":4,"1e3":5,"length":6}' },
  { raw: `{"url":"","referrer":1,"title":"\\u0000${'t'.repeat(4_100)}"}` },
  { raw: `{"url":"https://a.example/${'\\ud83d\\ude00'.repeat(2_100)}","title":null}` },
  { raw: nested(15) },
  { raw: `{"a":${nested(15)}}` },
  { raw: `{"a":${nested(16)}}` },
  { raw: nested(25, ['{"a":', '}']) },
  { raw: `[${'0,'.repeat(999)}0]` },
  { raw: `{"a":[${'0,'.repeat(1_000)}0]}` },
  { raw: `{${manyKeys}}` },
]

/** What makes the whole body something that cannot be read. */
export const brokenValues: readonly string[] = [
  ...['01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', 'undefined', "'x'", '[1,]', '{"a":}', '{a:1}'],
  ...['"\\x41"', '"\\u12"', '"\n"', '"\u0001"', '/* */ 1', '', ',', '}', ']', '"'],
  nested(5_000),
  nested(100_000),
  '['.repeat(100_000),
  '{"a":'.repeat(50_000),
]

const words = ['tea', 'price', '차', '🍵', 'Product Added', '/shop', 'a.b', '__proto__', 'constructor', 'id']

/** A text, mostly harmless. */
export function someText(random: Random): string {
  if (random.chance(0.1)) return String.fromCharCode(random.int(0, 0xffff), random.int(0xd700, 0xe000))
  const text = random.pick(words)
  return random.chance(0.3) ? `${text}${random.int(0, 99)}` : text
}

/** A tree that any event may carry. */
export function someTree(random: Random, depth = 0): Node {
  const kind = depth > 5 ? random.int(0, 3) : random.int(0, 6)
  if (kind === 0) return someText(random)
  if (kind === 1)
    return random.chance(0.5) ? random.int(-1e6, 1e6) : (random.next() - 0.5) * 10 ** random.int(-300, 300)
  if (kind === 2) return random.pick([true, false, null])
  if (kind === 3) return random.pick(nastyValues.slice(0, 8))
  const items = Array.from({ length: random.int(0, 4) }, () => someTree(random, depth + 1))
  if (kind === 4) return items
  return { pairs: items.map((item) => [someText(random), item]) }
}

function textOf(text: string, random: Random): string {
  if (!random.chance(0.15)) return JSON.stringify(text)
  const escaped = Array.from({ length: text.length }, (_, i) => {
    const hex = text.charCodeAt(i).toString(16).padStart(4, '0')
    return `\\u${random.chance(0.5) ? hex : hex.toUpperCase()}`
  })
  return `"${escaped.join('')}"`
}

/** Writes a value, now and then with escapes and spaces where JSON allows them. */
export function write(node: Node, random: Random): string {
  const gap = () => (random.chance(0.02) ? random.pick([' ', '\n', '\t\r\n  ']) : '')
  if (typeof node === 'string') return textOf(node, random)
  if (typeof node !== 'object' || node === null) return JSON.stringify(node)
  if (Array.isArray(node)) return `[${node.map((item) => gap() + write(item, random)).join()}${gap()}]`
  if ('raw' in node) return node.raw
  const pairs = node.pairs.map(
    ([key, item]) => `${gap()}${textOf(key, random)}${gap()}:${gap()}${write(item, random)}`,
  )
  return `{${pairs.join()}}`
}
