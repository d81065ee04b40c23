/** What a Segment message's `context` says of the visitor and the browser, as ours is stored. */
import type { Context } from '@nunchi/protocol'
import { type Agent, systemOf } from '../enrich/agent.ts'
import { countryCode } from '../enrich/country.ts'
import type { Visitor } from '../enrich.ts'
import { readContext } from '../parse/context.ts'
import { isObject } from '../parse/event.ts'

/** A message's context in our terms. */
export interface Told {
  context: Context
  visitor: Visitor
}

type Raw = { [field: string]: unknown }

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 512) : undefined

/** Phones and tablets name their model; identifiers of a single device are not kept. */
function deviceOf(raw: unknown): Raw | undefined {
  if (!isObject(raw)) return undefined
  const kept: Raw = {}
  for (const field of ['type', 'manufacturer', 'model']) {
    const text = textOf(raw[field])
    if (text !== undefined) kept[field] = text
  }
  return Object.keys(kept).length > 0 ? kept : undefined
}

/** An app's device, which has no User-Agent. */
function agentOf(device: Raw | undefined, os: unknown): Agent | undefined {
  if (!/^(?:ios|android)$/i.test(String(device?.['type'] ?? ''))) return undefined
  const name = isObject(os) ? textOf(os['name']) : undefined
  const system = systemOf(name ?? String(device?.['type']))
  return { deviceClass: 'mobile', ...(system === undefined ? {} : { os: system }) }
}

/** Reads a message's context. It describes, so a wrong part costs no event. */
export function readTold(raw: Raw): Told {
  const device = deviceOf(raw['device'])
  const { timezone, location } = raw
  const context = readContext({
    locale: raw['locale'],
    // Some clients send an offset ("GMT+0900"), which names no zone.
    timezone:
      typeof timezone === 'string' &&
      timezone.length <= 100 &&
      /^(?:UTC|GMT|[A-Z][\w+-]*\/[\w+/-]+)$/i.test(timezone)
        ? timezone
        : undefined,
    screen: raw['screen'],
    device,
  })
  return {
    context,
    visitor: {
      userAgent: textOf(raw['userAgent']),
      ip: textOf(raw['ip']),
      country: isObject(location) ? countryCode(location['country']) : undefined,
      agent: agentOf(device, raw['os']),
    },
  }
}
