/** Redaction: query values, properties and e-mail addresses are masked before an event is stored anywhere. */
import type { Event, Json, JsonObject } from '@nunchi/protocol'
import type { Plugin } from '../plugin.ts'

/** What `redact()` takes. */
export interface RedactOptions {
  /**
   * Names of URL parameters whose values are masked, in queries and after `#`, whatever their case; `'all'` masks
   * every value, and takes out a query that has no names. @default []
   */
  query?: readonly string[] | 'all'
  /** Keys whose values are masked, at any depth; texts are compared whatever their case. @default [] */
  properties?: readonly (string | RegExp)[]
  /** Masks what looks like an e-mail address. @default false */
  emails?: boolean
  /** Changes the event as it likes, after the rest; `false` drops it. */
  custom?: (event: Event) => unknown
}

/** What stands where something was taken out. */
const mask = 'REDACTED'
/** Deeper values are taken out: the collector would refuse them. */
const deepest = 16

// Both sides are bounded, so that no text takes long.
const email =
  /[^\s@:/?&#=;,<>()"']{1,64}(?:@|%40)[^\s@:/?&#=;,<>()"'%]{1,190}\.[^\s@:/?&#=;,<>()"'%\d]{2,24}/gi
const parameter = /([?&#;])([^=?&#;\s]{1,200})=[^&#;\s]*/g

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Makes what masks a text. */
function textMask(query: readonly string[] | 'all', emails: boolean): (text: string) => string {
  const names = query !== 'all' && new Set([query].flat().map((name) => name.toLowerCase()))
  return (text) => {
    let safe = text
    if (!names || names.size)
      safe = safe.replace(parameter, (all, before, name) =>
        !names || names.has(decoded(name).toLowerCase()) ? `${before}${name}=${mask}` : all,
      )
    // A query without names, such as a token alone.
    if (!names) safe = safe.replace(/^([^\s?#]*)\?[^=#]+(?=#|$)/, '$1')
    return emails ? safe.replace(email, mask) : safe
  }
}

/** Makes what copies a value with its texts and keys masked. */
function valueMask(keys: readonly (string | RegExp)[], maskText: (text: string) => string) {
  const hidden = (key: string) =>
    keys.some((one) =>
      typeof one === 'string' ? one.toLowerCase() === key.toLowerCase() : key.search(one) >= 0,
    )
  const copy = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return maskText(value)
    if (typeof value !== 'object' || !value) return value
    const { toJSON } = value as { toJSON?: () => unknown }
    if (toJSON) return copy(toJSON.call(value), depth + 1)
    if (depth > deepest) return
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, hidden(key) ? mask : copy(inner, depth + 1)]),
    )
  }
  return (value: unknown) => copy(value, 1) as Json
}

/** Removes what could not be looked through: better a poor event than one that says too much. */
function strip(event: Event): void {
  const { page } = event
  const bare = (url: string) => url.replace(/[?#].*/s, '')
  if (page)
    event.page = { url: bare(`${page.url}`), ...(page.referrer && { referrer: bare(`${page.referrer}`) }) }
  if (event.type === 'page') event.name = bare(event.name)
  for (const part of parts) delete event[part]
}

const parts = ['properties', 'userContext', 'experimentContext', 'personalizationContext'] as const

/** Makes what masks an event; throws where an option is of no use. */
function eventMask({ query = [], properties: keys = [], emails = false, custom }: RedactOptions) {
  const maskText = textMask(query, emails)
  const maskValue = valueMask(keys, maskText)
  return (event: Event): unknown => {
    event.name = maskText(event.name)
    if (event.page) {
      const masked = Object.entries(event.page).map(([key, text]) => [key, maskText(text)])
      event.page = Object.fromEntries(masked)
    }
    for (const part of parts) if (event[part]) event[part] = maskValue(event[part]) as JsonObject
    return custom?.(event)
  }
}

/**
 * Makes the plugin; it sees an event last, whatever its place in the list, and nothing sees the event before it but
 * other plugins. Where it throws (a `custom` that fails, a getter in a property), the event is stored without its
 * properties, contexts and title, its addresses without query and fragment. So is every event where an option is
 * of no use: what was to be masked is not known then.
 */
export function redact(options: RedactOptions): Plugin<'redact', void> {
  return {
    name: 'redact',
    setup({ on, report }) {
      let masked: (event: Event) => unknown = strip
      try {
        masked = eventMask(options)
      } catch (error) {
        report('option_invalid', error)
      }
      on('seal', (event, marks) => {
        try {
          marks.why = 'redact({ custom })'
          return masked(event)
        } catch (error) {
          strip(event)
          report('redaction_failed', error)
        }
      })
    },
  }
}
