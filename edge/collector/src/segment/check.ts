/** Checks the messages of a request, names each, and sorts them into batches of one browser each. */
import type { Context, Event, Json, JsonObject, Rejection } from '@nunchi/protocol'
import { canonicalJson, limits } from '@nunchi/protocol'
import type { Visitor } from '../enrich.ts'
import { foreignId } from '../foreign-id.ts'
import { checkEvent } from '../parse/event.ts'
import { excerpt } from '../parse/excerpt.ts'
import { type Refusal, rejectionOf } from '../parse/refusal.ts'
import { sizeFault } from '../parse/size.ts'
import type { CheckedBatch } from '../sink/sink.ts'
import { type Read, readMessage } from './message.ts'
import type { SegmentRequest } from './request.ts'
import { readShared } from './said-once.ts'

const { maxBatchEvents, maxEventBytes } = limits
const maxRejectLength = 2_000

/** What the collector knows of a request. */
export interface Facts {
  projectId: string
  keyHash: string
  receivedAt: number
  /** Whether events may be older than 30 days: a server brings its history in. */
  mayBeOld: boolean
  /** The body's size in bytes. */
  bytes: number
  docs: string
  /** The context as stored. */
  enrich(context: Context, visitor: Visitor): Context
}

/** A request's messages, all of them: those to store, and those refused. */
export interface Checked {
  /** At least one; each with its `positions` in the request. */
  batches: (CheckedBatch & { positions: number[] })[]
  rejections: Rejection[]
}

interface Good {
  at: number
  event: Event
  read: Read
  sentAt: number
}

/** What differs between two attempts at the same message. */
const ofTheAttempt = ['sentAt', 'receivedAt', 'writeKey', '_metadata']

/**
 * The name of each message: its `messageId`, else all that it says. Of equal messages without a `messageId` in one
 * request each is one of its own.
 */
function namesOf({ messages, call }: SegmentRequest, reads: (Read | Refusal)[]): string[] {
  const seen = new Map<string, number>()
  return messages.map((message, i) => {
    const read = reads[i]
    if (read && 'event' in read && read.messageId !== undefined) return `id ${read.messageId}`
    const kept = { ...(message as JsonObject) }
    for (const field of ofTheAttempt) delete kept[field]
    if (call !== undefined) kept['type'] = call
    const text = canonicalJson(kept)
    const before = seen.get(text) ?? 0
    seen.set(text, before + 1)
    return `message ${before} ${text}`
  })
}

/** Batches of equal context and clock, none larger than a batch may be. */
function sorted(good: Good[], facts: Facts, batch: string): Checked['batches'] {
  const { keyHash, receivedAt } = facts
  const groups = new Map<string, Checked['batches'][number]>()
  const batches: Checked['batches'] = []
  for (const { at, event, read, sentAt } of good) {
    const { context, visitor } = read
    const name = JSON.stringify([sentAt, context, visitor])
    let group = groups.get(name)
    if (!group || group.events.length >= maxBatchEvents) {
      const stored = facts.enrich(context, visitor)
      group = {
        id: batch,
        keyHash,
        receivedAt,
        sentAt,
        context: stored,
        events: [],
        positions: [],
        rejects: [],
        dropped: {},
      }
      groups.set(name, group)
      batches.push(group)
    }
    group.events.push(event)
    group.positions.push(at)
  }
  return batches
}

/** Checks a message by the rules that hold for every event. */
function check(raw: Json, read: Read, id: string, facts: Facts): Omit<Good, 'at'> | Refusal {
  const sentAt = read.ts === undefined ? facts.receivedAt : (read.sentAt ?? facts.receivedAt)
  const event = { ...read.event, id, ts: read.ts ?? facts.receivedAt, tab: 'segment', seq: 0 }
  const checked = checkEvent(event, facts.mayBeOld ? 0 : sentAt)
  if ('code' in checked) return checked
  // The event may hold more than its message: parts of the batch's own context.
  const fault = facts.bytes > maxEventBytes ? (sizeFault(raw) ?? sizeFault(checked)) : undefined
  return fault ?? { event: checked, read, sentAt }
}

/** Checks a request. Each message is checked alone: the good ones beside a bad one are always kept. */
export async function checkMessages(request: SegmentRequest, facts: Facts): Promise<Checked> {
  const { messages, call, shared } = request
  const { projectId, keyHash, receivedAt, docs } = facts
  const all = readShared(shared, messages.length)
  const reads = messages.map((message) => readMessage(message, call, all))
  const names = namesOf(request, reads)
  const timeOf = (read: Read | Refusal | undefined) => (read && 'event' in read ? (read.ts ?? 0) : 0)
  const ids = await Promise.all(names.map((name, i) => foreignId(projectId, name, timeOf(reads[i]))))
  // The request has no id of its own: what it carries names it, so that a new attempt records no refusal twice.
  const batch = await foreignId(projectId, names.join('\n'), 0)
  const good: Good[] = []
  const rejects: CheckedBatch['rejects'] = []
  messages.forEach((raw, at) => {
    const read = reads[at] as Read | Refusal
    const checked = 'event' in read ? check(raw, read, ids[at] as string, facts) : read
    if ('event' in checked) good.push({ at, ...checked })
    else {
      const messageId = 'event' in read ? read.messageId : (raw as JsonObject | null)?.['messageId']
      rejects.push({
        rejection: rejectionOf(checked, at, messageId, docs),
        event: excerpt(raw, maxRejectLength),
      })
    }
  })
  const batches = sorted(good, facts, batch)
  if (batches[0]) batches[0].rejects = rejects
  else
    batches.push({
      id: batch,
      keyHash,
      receivedAt,
      sentAt: receivedAt,
      context: {},
      events: [],
      positions: [],
      rejects,
      dropped: {},
    })
  return { batches, rejections: rejects.map((one) => one.rejection) }
}
