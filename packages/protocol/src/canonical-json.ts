/** One text for one value: canonical JSON, and the version of a config that is made of it. */
import type { Config } from './config.ts'
import type { Json } from './event.ts'
import { murmur3 } from './hash.ts'

/** JSON without white space and with the keys of every object in order of their UTF-16 code units (as RFC 8785). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`)
  return `{${members.join()}}`
}

/** The version of a config: 128 bits in hexadecimal, murmur3 of its canonical JSON (without `version`) by four seeds. */
export function configVersion(config: Omit<Config, 'version'>): string {
  const { version: _, ...rest } = config as Config
  const text = canonicalJson(rest as unknown as Json)
  return [0, 1, 2, 3].map((seed) => murmur3(text, seed).toString(16).padStart(8, '0')).join('')
}
