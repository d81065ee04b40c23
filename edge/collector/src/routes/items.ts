/** `/v1/items`: puts, lists and deletes what can be recommended, for server keys. */
import { limits } from '@nunchi/protocol'
import type { RequestContext, Services, Use } from '../env.ts'
import { type Catalog, keyCatalog } from '../items/catalog.ts'
import { isItemId, isItemType } from '../items/read-item.ts'
import { body } from '../middleware/body.ts'
import { guard } from '../middleware/guard.ts'
import { limitClients, limitKeys } from '../middleware/limit.ts'
import { deeperThan } from '../parse/depth.ts'
import { Problem } from '../problem.ts'
import { remembered } from '../recommend/remembered.ts'

const { maxItems } = limits
const path = '/v1/items'

/** The list that a body carries under `field`, of at most 1,000. */
function listIn(c: RequestContext, field: 'items' | 'ids'): unknown[] {
  const text = c.get('body')
  if (deeperThan(text, 32)) throw new Problem('body_too_deep', { fix: 'Flatten it: no item needs this.' })
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new Problem('body_not_json', { cause, fix: `Send { "${field}": […] } as JSON.` })
  }
  const list = (parsed as { [name: string]: unknown } | null)?.[field]
  if (!Array.isArray(list))
    throw new Problem('items_malformed', { detail: `The body has no list \`${field}\`.` })
  if (list.length > maxItems)
    throw new Problem('items_malformed', {
      detail: `\`${field}\` holds ${list.length}, more than ${maxItems}.`,
    })
  return list
}

const put = (c: RequestContext, catalog: Catalog) => catalog.put(listIn(c, 'items'))

function remove(c: RequestContext, catalog: Catalog) {
  const ids = listIn(c, 'ids')
  if (!ids.every(isItemId))
    throw new Problem('items_malformed', { detail: 'An id must be a text of 1 to 200 characters.' })
  return catalog.remove(ids)
}

const wrong = (detail: string) =>
  new Problem('items_malformed', {
    detail,
    fix: 'Send ?type=, after= (the last answer’s `next`) and limit=.',
  })

function list(c: RequestContext, catalog: Catalog) {
  const { type, after, limit } = c.req.query()
  if (type !== undefined && !isItemType(type)) throw wrong('type is not the name of a type of items.')
  if (after !== undefined && !isItemId(after)) throw wrong('after is not an id.')
  if (limit !== undefined && !(/^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= maxItems))
    throw wrong(`limit must be a whole number from 1 to ${maxItems}.`)
  return catalog.list({
    ...(type !== undefined && { type }),
    ...(after !== undefined && { after }),
    ...(limit !== undefined && { limit: Number(limit) }),
  })
}

/** Adds the routes. Server keys only, with the scope `items:write`, or `items:read` to list. */
export function items(): Use {
  return (app, services: Services) => {
    app.use(path, limitClients(services))
    for (const [method, scope, work] of [
      ['PUT', 'items:write', put],
      ['DELETE', 'items:write', remove],
      ['GET', 'items:read', list],
    ] as const)
      app.on(
        method,
        path,
        guard(services, { scope, pub: false }),
        limitKeys(services),
        ...(method === 'GET' ? [] : [body(services)]),
        async (c: RequestContext) => {
          const { storageTimeoutMs } = services.options
          const catalog = keyCatalog(c.get('storage'), c.get('keyHash'), storageTimeoutMs)
          c.header('Cache-Control', 'private, no-store')
          const answer = await work(c, catalog)
          if (method !== 'GET') remembered(services).changed(c.get('key'))
          return c.json(answer)
        },
      )
    app.all(path, () => {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET, HEAD, PUT, DELETE' } })
    })
  }
}
