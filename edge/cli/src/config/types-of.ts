/** Writes TypeScript types of a config: a misspelt flag, or a value of the wrong type, does not compile. */
import type { ConfigDefinition, FlagDefinition, Json, JsonObject } from '@nunchi/protocol'
import { byKey } from './by-key.ts'

/** The type of a JSON value, as wide as another value of its shape may be. */
function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    const items = [...new Set(value.map(typeOf))].sort()
    return items.length === 0
      ? 'unknown[]'
      : items.length === 1
        ? `${items[0]}[]`
        : `(${items.join(' | ')})[]`
  }
  if (typeof value !== 'object') return typeof value
  const fields = Object.entries(value as JsonObject).map(
    ([key, one]) => `${JSON.stringify(key)}: ${typeOf(one)}`,
  )
  return fields.length === 0 ? '{ [key: string]: unknown }' : `{ ${fields.join('; ')} }`
}

function literal(value: Json): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeOf(value)
}

/** The type of a flag: of text flags all texts that it can be, of JSON flags the shapes. */
function flagType(flag: FlagDefinition, { experiments }: ConfigDefinition): string {
  if (flag.type === 'boolean' || flag.type === 'number') return flag.type
  const values = [flag.value, ...(flag.off === undefined ? [] : [flag.off])]
  for (const { value, experiment } of flag.rules ?? []) {
    if (value !== undefined) values.push(value)
    for (const { configuration } of experiments[experiment ?? '']?.variants ?? [])
      if (configuration !== undefined) values.push(configuration)
  }
  const of = flag.type === 'string' ? literal : typeOf
  return [...new Set(values.map(of))].sort().join(' | ')
}

const doc = (text: string | undefined): string =>
  text ? `    /** ${text.replace(/\*\//g, '* /').replace(/\s+/g, ' ')} */\n` : ''

/** The file's text: it extends the interfaces `Flags` and `Experiments` of the package `nunchi`. */
export function typesOf(definition: ConfigDefinition): string {
  const flags = byKey(definition.flags).map(
    ([key, flag]) => `${doc(flag.description)}    ${JSON.stringify(key)}: ${flagType(flag, definition)}\n`,
  )
  const experiments = byKey(definition.experiments).map(
    ([key, { name, variants }]) =>
      `${doc(name)}    ${JSON.stringify(key)}: ${variants.map((variant) => JSON.stringify(variant.key)).join(' | ')}\n`,
  )
  return `// Made by \`nunchi types\`: do not edit.
import 'nunchi'

declare module 'nunchi' {
  /** The flags there are, and what each can be. */
  interface Flags {
${flags.join('')}  }
  /** The experiments there are, and the variants of each. */
  interface Experiments {
${experiments.join('')}  }
}
`
}
