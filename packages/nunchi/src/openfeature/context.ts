/** What an evaluation context says of a visitor, as attributes. */
import type { JsonObject } from '@nunchi/protocol'

/** Which attribute the `targetingKey` is besides `targetingKey` itself. */
export type TargetingKeyAs = 'anonymousId' | 'userId' | 'targetingKey'

/**
 * The attributes of a context: as JSON, so that a date is its ISO text. What the context names itself goes before what
 * its `targetingKey` stands for.
 *
 * @throws TypeError for a context that JSON cannot hold, such as one that contains itself
 */
export function attributesOf(context: object | undefined, as: TargetingKeyAs): JsonObject {
  const said = JSON.parse(JSON.stringify(context ?? {})) as JsonObject
  const { targetingKey } = said
  return typeof targetingKey === 'string' && targetingKey ? { [as]: targetingKey, ...said } : said
}
