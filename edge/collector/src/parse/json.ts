/** Reads a body as JSON, bounded in depth and with texts that can be stored. */
import type { Json } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import { clean, mayBeUnclean } from './clean.ts'
import { deeperThan } from './depth.ts'

/**
 * Parses a body's text.
 *
 * @throws a `Problem` `body_too_deep` or `body_not_json`
 */
export function parseJson(body: string): Json {
  if (deeperThan(body)) throw new Problem('body_too_deep')
  try {
    const value = JSON.parse(body) as Json
    return mayBeUnclean(body) ? clean(value) : value
  } catch (cause) {
    throw new Problem(
      'body_not_json',
      body.trim() === '' ? { cause, detail: 'The body is empty.' } : { cause },
    )
  }
}
