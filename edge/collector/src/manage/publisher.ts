/** Publishes changes: makes each on what is in force, validates all of it, and never lets one overwrite another unseen. */
import { type Config, type ConfigDefinition, type ConfigMistake, publish, validate } from '@nunchi/protocol'
import { Problem } from '../problem.ts'
import {
  asJson,
  type Change,
  emptyDefinition,
  type MakeChange,
  nothingYet,
  type Revisions,
} from './change.ts'
import { unstorable } from './unstorable.ts'

/** What is, or was, in force. */
export interface Published {
  /** Counts publications of the environment from 1; 0 before the first. */
  number: number
  version: string
  definition: ConfigDefinition
  /** What pages get of it; absent before the first publication. */
  config?: Config
  revisions: Revisions
  /** Who published it: `key:12`, `cli:name`. */
  actor?: string
  /** What was done, such as `flag.update checkout`. */
  reason?: string
  /** In ms since the epoch. */
  publishedAt?: number
}

/** What `nunchi.publish_config` takes besides whose it is. */
export interface Publication extends Change {
  base: number
  version: string
  config: object
}

/** The way into one environment of one project: by a server key, or as the owner of the database. */
export interface Gateway {
  /** @returns `null` where nothing of that number, or nothing at all, was published */
  read(number?: number): Promise<Published | null>
  /** What was published, the newest first: at most the last 200. */
  versions(): Promise<Omit<Published, 'definition' | 'revisions'>[]>
  /** @returns the number it has, or the one that is in force instead of `base` */
  write(publication: Publication): Promise<{ number: number } | { conflict: number }>
  /** Keeps, for `nunchi doctor`, why a definition was refused. */
  refused?(mistakes: ConfigMistake[]): Promise<unknown>
}

/** What came of a change. */
export interface Outcome {
  number: number
  version: string
  change: Change
}

/** How often a change is made again when somebody else was faster. */
const attempts = 20

/** How many mistakes one answer names; whoever has more mends these first. */
export const maxMistakes = 1_000

/** The problem that names the mistakes; the definition in force stays. */
export function invalid(mistakes: ConfigMistake[]): Problem {
  const first = mistakes.slice(0, 3).map(({ path, message }) => `${path || 'the whole'}: ${message}`)
  const more = mistakes.length > 3 ? ` And ${mistakes.length - 3} more.` : ''
  const told = mistakes.slice(0, maxMistakes)
  return new Problem('config_invalid', { detail: `${first.join(' ')}${more}`, more: { mistakes: told } })
}

/** Text as Postgres can store it: what was refused may have been refused for that. */
const storable = (text: string): string => text.slice(0, 500).toWellFormed().replaceAll('\0', '\ufffd')

/** A refusal that cannot be kept is answered all the same. */
async function keepRefusal(gateway: Gateway, mistakes: ConfigMistake[]): Promise<void> {
  const told = mistakes
    .slice(0, 20)
    .map(({ path, message }) => ({ path: storable(path), message: storable(message) }))
  await gateway.refused?.(told).catch(() => {})
}

/** What is in force; before the first publication an empty one. */
export async function inForce(gateway: Gateway): Promise<Published> {
  return (await gateway.read()) ?? { ...nothingYet, definition: emptyDefinition }
}

/**
 * Publishes a change.
 *
 * @param base the number that the caller saw; without one the change is made on whatever is in force
 * @throws a `Problem`: `config_invalid`, `config_conflict`, or what `make` throws
 */
export async function publishChange(gateway: Gateway, make: MakeChange, base?: number): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const { definition, ...standing } = await inForce(gateway)
    const { number } = standing
    if (base !== undefined && base !== number) throw stale(base, number)
    const change = make(definition, standing)
    const mistakes = [...unstorable(asJson(change.definition)), ...validate(change.definition)]
    if (mistakes.length > 0) {
      await keepRefusal(gateway, mistakes)
      throw invalid(mistakes)
    }
    const config = publish(change.definition)
    const { version } = config
    const written = await gateway.write({ ...change, base: number, version, config })
    if ('number' in written) return { number: written.number, version, change }
    if (base !== undefined || attempt >= attempts) throw stale(number, written.conflict)
  }
}

/** The problem that somebody else was faster. */
function stale(base: number, number: number): Problem {
  return new Problem('config_conflict', {
    detail: `The change was made on number ${base}, but number ${number} is in force.`,
  })
}
