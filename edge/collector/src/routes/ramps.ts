/** `/v1/experiments/:key/ramp` and `/v1/flags/:key/ramp`: ramps that advance and roll back by themselves. */
import type { RequestContext, Use } from '../env.ts'
import { body } from '../middleware/body.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { cleanText } from '../parse/clean.ts'
import { deeperThan } from '../parse/depth.ts'
import { Problem } from '../problem.ts'
import { keyRamps } from '../ramps/gateway.ts'
import { moveRamp, rampOf, startRamp } from '../ramps/manage-ramp.ts'
import type { Ramp, RampKind } from '../ramps/ramp.ts'

function parsed(c: RequestContext): unknown {
  const text = c.get('body')
  if (deeperThan(text)) throw new Problem('body_too_deep', { fix: 'Flatten it: no ramp needs this.' })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Problem('body_not_json', { cause, fix: 'Send one JSON object.' })
  }
}

/** Adds the routes. Server keys only, with the scopes `config:read` and `config:write`. */
export function ramps(): Use {
  return (app, services) => {
    const add = (
      kind: RampKind,
      method: 'GET' | 'PUT' | 'POST' | 'DELETE',
      end: string,
      run: (gateway: ReturnType<typeof keyRamps>, key: string, c: RequestContext) => Promise<Ramp>,
    ) =>
      app.on(
        method,
        `/v1/${kind}s/:key/ramp${end}`,
        limitClients(services),
        guard(services, { scope: method === 'GET' ? 'config:read' : 'config:write', pub: false }),
        limitKeys(services),
        body(services),
        async (c) => {
          const gateway = keyRamps(c.get('storage'), c.get('keyHash'))
          const ramp = await run(gateway, cleanText(c.req.param('key') ?? ''), c)
          c.header('Cache-Control', 'private, no-store')
          return c.json(ramp)
        },
      )
    for (const kind of ['experiment', 'flag'] as const) {
      add(kind, 'GET', '', (gateway, key) => rampOf(gateway, kind, key))
      add(kind, 'PUT', '', (gateway, key, c) => startRamp(gateway, kind, key, parsed(c)))
      add(kind, 'DELETE', '', (gateway, key) => moveRamp(gateway, kind, key, 'stopped'))
      add(kind, 'POST', '/pause', (gateway, key) => moveRamp(gateway, kind, key, 'paused'))
      add(kind, 'POST', '/resume', (gateway, key) => moveRamp(gateway, kind, key, 'running'))
    }
  }
}
