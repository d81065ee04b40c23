/** `GET /metrics`: what the collector counted, in Prometheus' text format. */
import type { Use } from '../env.ts'
import { Problem } from '../problem.ts'
import { sha256 } from '../sha256.ts'

/** Who may read the metrics. */
export interface MetricsOptions {
  /**
   * Asks for `Authorization: Bearer <token>`. Without it anyone who reaches the address may read how much traffic
   * there is; names, keys and events never appear.
   * @default undefined
   */
  token?: string
}

/** Compares two texts without telling by the time taken how much of them agrees. */
async function same(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)])
  let difference = 0
  for (const [i, byte] of left.entries()) difference |= byte ^ (right[i] ?? 0)
  return difference === 0
}

/** Adds the route. */
export function metrics({ token }: MetricsOptions = {}): Use {
  return (app, services) => {
    app.get('/metrics', async (c) => {
      if (token !== undefined && !(await same(c.req.header('authorization') ?? '', `Bearer ${token}`)))
        throw new Problem('key_missing', {
          detail: 'The metrics are not public.',
          fix: 'Send "Authorization: Bearer …" with the token that the collector was started with.',
        })
      return c.body(services.metrics.render(), 200, {
        'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      })
    })
  }
}
