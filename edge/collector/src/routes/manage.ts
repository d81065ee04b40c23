/** `/v1/manage`: flags and experiments for people and their tools, under server keys, each in its own environment. */
import type { RequestContext, Services, Use } from '../env.ts'
import { keyGateway } from '../manage/gateway.ts'
import { keyMetrics } from '../manage/metrics-gateway.ts'
import type { Operation } from '../manage/operation.ts'
import { managePath, operations } from '../manage/operations.ts'
import { keySettings } from '../manage/settings-gateway.ts'
import { body } from '../middleware/body.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { deeperThan } from '../parse/depth.ts'
import { Problem } from '../problem.ts'
import { remembered } from '../recommend/remembered.ts'

/** The number in `If-Match: "12"`. */
function baseOf(c: RequestContext): number | undefined {
  const text = c.req.header('if-match')
  if (text === undefined || text.trim() === '*') return undefined
  const number = Number(/^\s*(?:W\/)?"?(\d{1,15})"?\s*$/.exec(text)?.[1] ?? Number.NaN)
  if (!Number.isFinite(number))
    throw new Problem('config_conflict', {
      detail: 'If-Match must be the number of a config, such as "12".',
      fix: 'Send the number that the config was read with, or leave the header away.',
    })
  return number
}

function parsed(c: RequestContext, { body: wanted }: Operation): unknown {
  const text = c.get('body')
  if (text.trim() === '') return undefined
  if (wanted === undefined) return undefined
  if (deeperThan(text))
    throw new Problem('body_too_deep', { fix: 'Flatten it: no flag or experiment needs this.' })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Problem('body_not_json', { cause, fix: 'Send one JSON object.' })
  }
}

async function answer(c: RequestContext, operation: Operation, services: Services): Promise<Response> {
  const result = await operation.run({
    gateway: keyGateway(c.get('storage'), c.get('keyHash')),
    metrics: keyMetrics(c.get('storage'), c.get('keyHash')),
    recommendations: keySettings(c.get('storage'), c.get('keyHash'), () =>
      remembered(services).changed(c.get('key')),
    ),
    params: c.req.param() as { [name: string]: string },
    query: c.req.query(),
    body: parsed(c, operation),
    base: baseOf(c),
  })
  const { number } = result as { number?: number }
  if (number !== undefined) c.header('ETag', `"${number}"`)
  c.header('Cache-Control', 'private, no-store')
  return c.json(result)
}

/** Adds the routes. Server keys only, with the scopes `config:read` and `config:write`. */
export function manage(): Use {
  return (app, services) => {
    app.use(`${managePath}/*`, limitClients(services))
    for (const operation of operations)
      app.on(
        operation.method,
        managePath + operation.path.replace(/\{(\w+)\}/g, ':$1'),
        guard(services, { scope: operation.scope, pub: false }),
        limitKeys(services),
        body(services),
        (c) => answer(c, operation, services),
      )
  }
}
