/** The quality of a project's data, as `nunchi.quality` counts it. */
import type { Storage } from '@nunchi/collector'

/** One day of arrival, in UTC. */
export interface QualityDay {
  /** `2026-11-23`. */
  day: string
  /** Events stored; late, bots, internal, skewed and clockSuspect are among them. */
  accepted: number
  /** Events that came again and were stored once. */
  duplicates: number
  /** Refused events by code. */
  rejected: { [code: string]: number }
  /** Events that SDKs gave up, by reason. */
  dropped: { [reason: string]: number }
  late: number
  bots: number
  internal: number
  skewed: number
  clockSuspect: number
  /** Of all projects together; null where nothing was processed. */
  latencyMs: { average: number | null; max: number | null }
}

/** The days, newest first, and what is not in them yet. */
export interface Quality {
  days: QualityDay[]
  queue: { waiting: number; oldestSeconds: number; dead: number }
}

/** Counts the last `days` days of a project. */
export function readQuality(owner: Storage, projectId: string, days = 7): Promise<Quality> {
  const now = Date.now()
  return owner.call<Quality>('quality', { projectId, from: now - (days - 1) * 86_400_000, to: now })
}

/** All that a count by reason counts. */
export const sum = (counts: { [reason: string]: number }): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** The counts of several days as one, the largest first. */
export function together(counts: { [reason: string]: number }[]): [reason: string, events: number][] {
  const all = new Map<string, number>()
  for (const [reason, events] of counts.flatMap((one) => Object.entries(one)))
    all.set(reason, (all.get(reason) ?? 0) + events)
  return [...all].toSorted(([, one], [, other]) => other - one)
}
