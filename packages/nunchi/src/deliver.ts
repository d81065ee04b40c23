/** Delivers a batch until it is acknowledged, or the one event that spoils it is alone. */
import { type Context, type DropReason, maxBatchEvents, type Rejection } from '@nunchi/protocol'
import { type Drops, settleDrops } from './drops.ts'
import { envelope } from './envelope.ts'
import type { Local } from './page/local.ts'
import type { Emit } from './stages.ts'
import type { Entry } from './store.ts'
import type { Reply, Transport } from './transport/transport.ts'

/** What delivering needs. */
export interface DeliverOptions {
  /** Where to POST, the key included. */
  url: string
  local: Local
  send: Transport
  context(): Context
  /** Makes a batch's id. */
  id(): string
  now(): number
  emit: Emit
}

/** One turn at sending. */
export interface Round {
  /** Whether this tab may still send. */
  mine(): boolean
  /** Aborts once consent is withdrawn. */
  signal: AbortSignal
  /** Does not wait for the end of a backoff. */
  urgent?: boolean
}

/** Delivers batches for one queue. */
export interface Courier {
  /** How many events a batch may hold now: less once a proxy has refused larger ones. */
  cap(): number
  /**
   * Delivers `entries` in order.
   *
   * @returns how long to wait before more is sent, in ms; 0 where all is settled
   */
  deliver(entries: Entry[], round: Round): Promise<number>
}

/** From this size on a failure without a status may be a proxy's limit, in characters of JSON. */
const suspicious = 16_384

/** Whether the collector itself (not something on the way) said that the batch cannot be read. */
const isVerdict = ({ status, body }: Reply): boolean =>
  status === 400 && /^(batch|body)_/.test(`${body?.code}`)

/**
 * Makes the courier of one queue.
 *
 * @param remove removes what was delivered or given up, everywhere; false where the store could not
 * @param drop counts what was given up
 */
export function createCourier(
  { url, local, send, context, id: newId, now, emit }: DeliverOptions,
  remove: (ids: string[]) => Promise<boolean>,
  drop: (reason: DropReason, ids: string[]) => void,
): Courier {
  let cap = maxBatchEvents
  /** Failures without a status in a row, of large batches; and the size of the last. */
  let faults = 0
  let refused = 0

  const deliver: Courier['deliver'] = async (entries, round) => {
    const ids = entries.map(({ id }) => id)
    const id = newId()
    const dropped = local.get<Drops>('drops')
    const body = envelope({ id, sentAt: now(), context: context(), dropped }, entries)
    emit('sending', { ids })
    const reply = await send({ ...round, url, body })
    if (reply.status < 300 && reply.body?.batch === id) {
      if (refused) cap = Math.max(1, refused >> 1)
      faults = refused = 0
      settleDrops(local, dropped)
      const removed = await remove(ids)
      emit('acked', { ids, ack: reply.body })
      const rejections = reply.body['rejected'] as Rejection[] | undefined
      if (rejections?.length)
        emit('rejected', { ids: rejections.map(({ index }) => ids[index]!), rejections })
      // Sending the same again at once would help nobody: the collector knows them, the store is in trouble.
      return removed ? 0 : 5000
    }
    const { status, wait = 1000 } = reply
    emit('failed', { ids, status, code: reply.body?.code })
    if (round.mine() && (status === 413 || isVerdict(reply))) return isolate(entries, status, round)
    // A proxy's 413 carries no CORS header and looks like no network: a single event will tell.
    if (!status && !reply.held && entries.length > 1 && body.length > suspicious && ++faults > 2) {
      refused = entries.length
      cap = 1
    }
    return wait
  }

  const isolate = async (entries: Entry[], status: number, round: Round): Promise<number> => {
    const half = entries.length >> 1
    if (half) {
      if (status === 413) cap = half
      return (await deliver(entries.slice(0, half), round)) || deliver(entries.slice(half), round)
    }
    const ids = entries.map(({ id }) => id)
    drop(status === 413 ? 'event_too_large' : 'rejected', ids)
    return (await remove(ids)) ? 0 : 5000
  }

  return { cap: () => cap, deliver }
}
