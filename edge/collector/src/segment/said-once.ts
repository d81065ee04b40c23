/** What a batch says once for all of its messages, looked at once however many they are. */
import { limits } from '@nunchi/protocol'
import { isObject } from '../parse/event.ts'
import { type Refusal, refuse } from '../parse/refusal.ts'
import { treeFault } from '../parse/tree.ts'

const { maxBatchBytes, maxEventBytes } = limits
/** How much all messages together may take over of one part, in bytes of JSON. */
const maxTaken = 4 * maxBatchBytes

type Raw = { [field: string]: unknown }

/** The parts of a context that are read. */
const parts = [
  'campaign',
  'device',
  'groupId',
  'ip',
  'library',
  'locale',
  'location',
  'os',
  'page',
  'screen',
  'sessionId',
  'timezone',
  'traits',
  'userAgent',
] as const
/** Those of them that a message takes over whole, into its properties. */
const taken = ['campaign', 'traits'] as const

/** What holds for all messages of a request. */
export interface Shared {
  /** The batch's own context: the parts that are read, no others. */
  context: Raw
  sentAt: unknown
  /** Why a message that would take such a part over is refused: a request of 1 MB must not become gigabytes of rows. */
  faults: { [part in (typeof taken)[number]]?: Refusal }
}

const pick = (context: unknown, rest: Raw = {}): Raw => {
  const own = isObject(context) ? context : {}
  const picked: Raw = {}
  for (const part of parts) {
    const value = Object.hasOwn(own, part) ? own[part] : rest[part]
    if (value !== undefined) picked[part] = value
  }
  return picked
}

function faultOf(part: string, value: unknown, messages: number): Refusal | undefined {
  if (!isObject(value)) return undefined
  const fault = treeFault(value, { keys: 0 })
  if (fault)
    return refuse(
      fault,
      ` takes over the batch’s context.${part}, which nests too deep or holds too many keys`,
    )
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length
  return bytes > maxEventBytes || bytes * messages > maxTaken
    ? refuse(
        'event_too_large',
        ` takes over the batch’s context.${part}, which is too large for each of ${messages} messages`,
      )
    : undefined
}

/** Reads what a request says for all of its messages. */
export function readShared({ context, sentAt }: Raw, messages: number): Shared {
  const picked = pick(context)
  const faults: Shared['faults'] = {}
  for (const part of taken) {
    const fault = faultOf(part, picked[part], messages)
    if (fault) faults[part] = fault
  }
  return { context: picked, sentAt, faults }
}

/** A message's context: its own parts, and for the rest the batch's. */
export const contextOf = (own: unknown, shared: Shared): Raw => pick(own, shared.context)
