/** Hands events to the browser while the page goes away, in slices that fit its keepalive quota. */
import type { Entry } from './store.ts'

/** How much one beacon carries, in bytes of JSON. */
const sliceBytes = 16_384
/** How much all beacons of one leaving carry; all scripts of a page share 64 KiB. */
export const leaveBytes = 49_152

/**
 * Hands over entries in their order until one is refused or the budget is spent.
 *
 * @param budget bytes that may still be handed over
 * @param beacon takes a slice; false where the browser refused it
 * @returns the budget that is left
 */
export function handOver<Item extends Entry>(
  entries: Item[],
  budget: number,
  beacon: (slice: Item[]) => boolean,
): number {
  let slice: Item[] = []
  let bytes = 0
  const hand = () => {
    budget = !slice.length || beacon(slice) ? budget - bytes : 0
    slice = []
    bytes = 0
  }
  for (const entry of entries) {
    if (slice.length && bytes + entry.size > sliceBytes) hand()
    if (bytes + entry.size > budget) break
    slice.push(entry)
    bytes += entry.size
  }
  hand()
  return budget
}
