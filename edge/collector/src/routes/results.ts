/** `GET /v1/experiments/:key/results`: what an experiment did, for server keys. */
import type { Use } from '../env.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { experimentResults } from '../results/experiment-results.ts'
import { keyResults } from '../results/summary.ts'

/** Adds the route. Takes server keys with the scope `results:read`. */
export function results(): Use {
  return (app, services) => {
    app.get(
      '/v1/experiments/:key/results',
      limitClients(services),
      guard(services, { scope: 'results:read', pub: false }),
      limitKeys(services),
      async (c) => {
        const gateway = keyResults(c.get('storage'), c.get('keyHash'))
        const found = await experimentResults(gateway, { ...c.req.query(), experiment: c.req.param('key') })
        c.header('Cache-Control', 'private, no-store')
        return c.json(found)
      },
    )
  }
}
