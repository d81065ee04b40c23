/** Whether one event's JSON is larger than an event may be. */
import { limits } from '@nunchi/protocol'
import { type Refusal, refuse } from './refusal.ts'

const { maxEventBytes } = limits

/** The refusal of an event that is too large. Its text is made for that, so ask this last, and only where it could be. */
export function sizeFault(event: unknown): Refusal | undefined {
  const json = JSON.stringify(event) ?? ''
  if (json.length * 3 <= maxEventBytes) return undefined
  return json.length > maxEventBytes || new TextEncoder().encode(json).length > maxEventBytes
    ? refuse('event_too_large', ` is larger than ${maxEventBytes} bytes of JSON`)
    : undefined
}
