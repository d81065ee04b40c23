/** The beginning of a value's JSON, at little cost however large the value is. */
import { cut } from './clean.ts'

/**
 * What `JSON.stringify(value)` begins with, at most `length` UTF-16 code units of it, without cutting a character in
 * two. Stops as soon as it has enough.
 *
 * @param value a value of `JSON.parse`
 */
export function excerpt(value: unknown, length: number): string {
  let text = ''
  const write = (node: unknown): void => {
    if (text.length > length) return
    if (typeof node !== 'object' || node === null) {
      text += JSON.stringify(node) ?? 'null'
      return
    }
    const list = Array.isArray(node)
    text += list ? '[' : '{'
    let separator = ''
    for (const key of Object.keys(node)) {
      if (text.length > length) return
      text += list ? separator : `${separator}${JSON.stringify(key)}:`
      separator = ','
      write((node as { [key: string]: unknown })[key])
    }
    text += list ? ']' : '}'
  }
  write(value)
  return cut(text, length)
}
