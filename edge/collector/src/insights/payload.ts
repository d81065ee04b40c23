/** What leaves the house of a subject: allow-listed, without names, ids and addresses, short. */
import { plainText, withoutPointers } from './plain-text.ts'
import type { InsightAttributes, InsightReason, InsightSubject } from './subject.ts'

/** What the model is given. People are `personA` (it is written for) and `personB`, always. */
export interface InsightPayload {
  kind: 'match' | 'recommendation'
  personA: InsightAttributes
  /** The other person. */
  personB?: InsightAttributes
  /** What the recommended items have in common. */
  items?: InsightAttributes
  reasons: InsightReason[]
}

const [mostReasons, mostAttributes, mostValues, mostCharacters] = [8, 12, 12, 80]

/** What the first cut went through goes whole: half an address is one, too. */
function clean(text: string): string {
  const head = plainText(text, 200).replace(/\S*…$/, '')
  return plainText(withoutPointers(head), mostCharacters)
}

function cleanValue(value: unknown): string | number | boolean | (string | number)[] | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && Math.abs(value) < 100_000 ? value : undefined
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return clean(value) || undefined
  if (!Array.isArray(value)) return undefined
  const values = value.slice(0, mostValues).map(cleanValue)
  return values.filter((one) => typeof one === 'string' || typeof one === 'number')
}

/** Of the attributes those that are allowed, in one order, whatever order they came in. */
function allowedOf(attributes: InsightAttributes, allowed: readonly string[]): InsightAttributes {
  const named = allowed.filter((name) => Object.hasOwn(attributes, name)).sort()
  const entries = named
    .slice(0, mostAttributes)
    .map((name) => [name, cleanValue(attributes[name])] as const)
    .filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as InsightAttributes
}

const ofPeople = new Set<string>(['shared', 'close', 'wanted'])

/** A reason between people tells its attribute only where that one is allowed; of a catalog, titles and tags. */
function cleanReason(reason: InsightReason, allowed: readonly string[]): InsightReason {
  const { code, about, because, shared, by } = reason
  if (ofPeople.has(code) && !allowed.includes(about ?? '')) return { code }
  return {
    code,
    ...(about === undefined ? {} : { about: clean(about) }),
    ...(because === undefined ? {} : { because: clean(because) }),
    ...(shared === undefined ? {} : { shared: shared.slice(0, mostValues).map(clean) }),
    ...(by === undefined ? {} : { by }),
  }
}

/**
 * Makes it.
 *
 * @param allowed the attributes of people and items that may leave; all others stay
 */
export function insightPayload(subject: InsightSubject, allowed: readonly string[]): InsightPayload {
  const { kind, reasons, sides } = subject
  const [personA, other] = sides.map((side) => allowedOf(side, allowed)) as [
    InsightAttributes,
    InsightAttributes,
  ]
  return {
    kind,
    personA,
    ...(kind === 'match' ? { personB: other } : { items: other }),
    reasons: reasons.slice(0, mostReasons).map((reason) => cleanReason(reason, allowed)),
  }
}
