/** Reads the context of a batch: what the sender says of its browser. */
import { type Context, type Json, limits } from '@nunchi/protocol'
import { cut } from './clean.ts'
import { isObject } from './event.ts'
import { treeFault } from './tree.ts'

const { maxIdLength } = limits
/** Each row keeps its batch's context: what is said once is stored hundreds of times. */
const maxDeviceLength = 4_096

/** Takes the parts of a context that are as they should be; it describes, so a wrong part costs no event. */
export function readContext(raw: unknown): Context {
  const context: Context = {}
  if (!isObject(raw)) return context
  const { locale, timezone, screen, device } = raw
  if (typeof locale === 'string' && locale !== '') context.locale = cut(locale, maxIdLength)
  if (typeof timezone === 'string' && timezone !== '') context.timezone = cut(timezone, maxIdLength)
  if (isObject(screen)) {
    const { width, height } = screen
    const isSize = (size: unknown): size is number =>
      typeof size === 'number' && size >= 0 && size <= 1_000_000
    if (isSize(width) && isSize(height)) context.screen = { width, height }
  }
  if (isObject(device) && !treeFault(device, { keys: 0 }) && JSON.stringify(device).length <= maxDeviceLength)
    context.device = device as { [key: string]: Json }
  return context
}
