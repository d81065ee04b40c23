/** The quiet half of `verify`: did the collector log an error meanwhile. */
import type { Check } from '../check.ts'

/**
 * How many error-level lines the collector has logged since it started, by its `/metrics`.
 *
 * @param token what the metrics ask for, where they are not public
 * @returns `undefined` where they cannot be read
 */
export async function errorLines(url: string, token?: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/metrics`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(10_000),
    })
    const count = /^nunchi_log_lines_total\{level="error"\} (\d+)$/m.exec(await answer.text())?.[1]
    return answer.ok && count !== undefined ? Number(count) : undefined
  } catch {
    return undefined
  }
}

/** Compares the counts before and after. Behind several instances each answers for itself. */
export function checkLog(before: number | undefined, after: number | undefined): Check {
  if (before === undefined || after === undefined)
    return {
      name: 'log',
      status: 'warn',
      detail: 'not looked at: /metrics cannot be read',
      fix: 'Pass --metrics-token where the collector was started with METRICS_TOKEN.',
    }
  const lines = after - before
  if (lines > 0)
    return {
      name: 'log',
      status: 'fail',
      detail: `the collector logged ${lines} error${lines > 1 ? 's' : ''} meanwhile`,
      fix: "Read the collector's log; each line of level error says what failed.",
    }
  return { name: 'log', status: 'ok', detail: 'no error logged meanwhile' }
}
