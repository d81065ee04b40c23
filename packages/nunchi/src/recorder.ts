/** The recorder: whether an event may be kept (consent), how it is written, and how large it may be. */
import { type DropReason, type Event, maxEventBytes } from '@nunchi/protocol'
import type { Report } from './errors.ts'
import type { Hooks } from './hooks.ts'
import type { Local } from './page/local.ts'
import type { Queue } from './queue.ts'
import type { Saved } from './saver.ts'
import { serialize } from './serialize.ts'

/**
 * Whether events may be stored and sent: `held` keeps them in memory until it is decided, `memory` sends them from
 * there and stores nothing.
 */
export type Gate = 'open' | 'held' | 'closed' | 'memory'

/** Events made before consent is decided, at most; more are not kept. */
const mostHeld = 1000

/** What a call resolves to whose event is not stored. */
export const notKept: Saved = { durable: false }

/** Writes events into the queue while the gate is open. */
export interface Recorder {
  /**
   * Takes a finished event; in the queue, or held, before it returns.
   *
   * @param keep trimmed last when the store is full
   */
  record(event: Event, keep: boolean): Promise<Saved>
  drop(reason: DropReason, event: Event): Promise<Saved>
  gate(): Gate
  /** Opens, holds or closes the way; closing removes everything from the device. */
  setGate(state: Gate): void
}

/** Makes the recorder of one client; its gate is `initial`, and `run` tells of each event that went through it. */
export function createRecorder(
  queue: Queue,
  local: Local,
  report: Report,
  run: Hooks['run'],
  initial: Gate,
): Recorder {
  const encoder = new TextEncoder()
  let gate = initial
  let held: ((open: boolean) => void)[] = []

  const drop: Recorder['drop'] = async (reason, { id }) => {
    queue.drop(reason, [id])
    return notKept
  }

  const push = async (event: Event, keep: boolean): Promise<Saved> => {
    let json: string
    try {
      json = serialize(event)
    } catch {
      return drop('event_unserializable', event)
    }
    const size = encoder.encode(json).length
    if (size > maxEventBytes) return drop('event_too_large', event)
    const saving = queue.push({ id: event.id, json, size, keep })
    if (gate !== 'memory') run('keep', event)
    const saved = await saving
    if (!saved.durable && gate === 'open') report('store_unavailable')
    return saved
  }

  return {
    async record(event, keep) {
      if (gate === 'closed' || held.length >= mostHeld) return notKept
      if (gate !== 'held') return push(event, keep)
      return new Promise((resolve) => held.push((open) => resolve(open ? push(event, keep) : notKept)))
    },
    drop,
    gate: () => gate,
    setGate(state) {
      if (state === gate) return
      if (state === 'closed') {
        queue.wipe()
        local.clear()
      }
      gate = state
      local.persist(gate === 'open')
      run('gate', gate)
      if (gate === 'held') return
      const open = gate !== 'closed'
      for (const settle of held) settle(open)
      held = []
      if (open) queue.show()
    },
  }
}
