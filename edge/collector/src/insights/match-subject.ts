/** What an insight about a match is written from. */
import type { JsonObject, MatchReason } from '@nunchi/protocol'
import type { Storage } from '../storage/storage.ts'
import type { Asked } from './asked.ts'
import type { InsightAttributes, InsightReason, InsightSubject } from './subject.ts'

interface Side {
  tags: string[]
  attributes: JsonObject
}

/** What `nunchi.match_between` answers. */
interface Between {
  reasons: { you: MatchReason[]; them: MatchReason[] }
  one: Side
  other: Side
}

const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

/** What an insight may read: numbers, texts, truths, and lists of them. */
function attributesOf({ tags, attributes }: Side): InsightAttributes {
  const readable = Object.entries(attributes).filter(
    ([, value]) => isPlain(value) || (Array.isArray(value) && value.every(isPlain)),
  )
  return { ...(Object.fromEntries(readable) as InsightAttributes), ...(tags.length > 0 && { tags }) }
}

const same = (one: MatchReason) => (other: MatchReason) =>
  one.code === other.code && one.about === other.about

/** One direction's reason as one of both; `null` where it says nothing of both. */
function said(reason: MatchReason, theirs: readonly MatchReason[]): InsightReason | null {
  const { code, about, shared } = reason
  const both = theirs.some(same(reason))
  if (code === 'taste') return both ? { code: 'mutual' } : null
  return {
    code,
    ...(about !== undefined && { about }),
    ...(shared && { shared }),
    ...(code === 'wanted' && { by: both ? 'both' : 'first' }),
  }
}

/** Both directions together: what holds for both is said once. */
function merged({ you, them }: Between['reasons']): InsightReason[] {
  const first = you.map((reason) => said(reason, them)).filter((reason) => reason !== null)
  const second = them
    .filter((reason) => reason.code === 'wanted' && !you.some(same(reason)))
    .map(
      ({ about }): InsightReason => ({ code: 'wanted', ...(about !== undefined && { about }), by: 'second' }),
    )
  return [...first, ...second]
}

/**
 * Reads it: `id` is the other person's.
 *
 * @returns null where the two are not shown to each other, or nobody is named for whom it is asked
 */
export async function matchSubject(storage: Storage, asked: Asked): Promise<InsightSubject | null> {
  const { keyHash, id, userId } = asked
  if (userId === undefined) return null
  const between = await storage.call<Between | { error: string } | null>('match_between', {
    keyHash,
    id,
    userId,
  })
  if (!between || 'error' in between) return null
  return {
    kind: 'match',
    reasons: merged(between.reasons),
    sides: [attributesOf(between.one), attributesOf(between.other)],
  }
}
