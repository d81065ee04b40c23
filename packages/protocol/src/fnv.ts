/** Hash versions 1 and 2: FNV-1a as GrowthBook publishes them, for people who come from there. */
import type { Bucketer } from './bucket.ts'
import { wellFormed } from './hash.ts'

/** FNV-1a, 32 bits, over UTF-16 code units rather than bytes: that is what GrowthBook's SDKs hash. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Hash version 1: fnv1a(value ‖ seed) mod 1000, each a thousand of our buckets. */
export const bucketV1: Bucketer = (seed, value) => (fnv1a(wellFormed(value) + wellFormed(seed)) % 1000) * 1000

/** Hash version 2: fnv1a(decimal(fnv1a(seed ‖ value))) mod 10,000, each a hundred of our buckets. */
export const bucketV2: Bucketer = (seed, value) =>
  (fnv1a(`${fnv1a(wellFormed(seed) + wellFormed(value))}`) % 10_000) * 100
