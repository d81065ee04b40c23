/** The id of an event that was named by somebody else: the same on every attempt, and sorted by time like ours. */
import { hex, sha256 } from './sha256.ts'

/**
 * A UUID of version 8: 48 bits of the event's own time, and 74 bits of the SHA-256 of project and name.
 *
 * @param project so that two projects cannot tell each other's events
 * @param name the foreign id
 * @param ms the event's own time, in ms since the epoch; 0 where it has none
 */
export async function foreignId(project: string, name: string, ms: number): Promise<string> {
  const bytes = (await sha256(`${project}\n${name}`)).subarray(0, 10)
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x80
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80
  const rest = hex(bytes)
  const time = Math.max(0, Math.trunc(ms)).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`
}
