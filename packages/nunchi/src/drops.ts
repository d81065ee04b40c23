/** Counts what could not be kept, by reason, until a batch has reported it. */
import type { DropReason } from '@nunchi/protocol'
import type { Local } from './page/local.ts'

/** Counts by reason; shared by all tabs. */
export type Drops = { [reason in DropReason]?: number }

/** Adds `by` to a reason's count. */
export function countDrops(local: Local, reason: DropReason, by: number): void {
  const drops = local.get<Drops>('drops') ?? {}
  local.set('drops', { ...drops, [reason]: (drops[reason] ?? 0) + by })
}

/** Takes reported counts off; what was counted meanwhile stays for the next report. */
export function settleDrops(local: Local, reported: Drops | undefined): void {
  if (!reported) return
  const left = Object.entries(local.get<Drops>('drops') ?? {})
    .map(([reason, count]) => [reason, count - (reported[reason as DropReason] ?? 0)] as const)
    .filter(([, count]) => count > 0)
  local.set('drops', left.length ? Object.fromEntries(left) : undefined)
}
