/** The page's own count of a visitor's events, over all visits and tabs: how many were made, how many acknowledged. */
import { keep, kept } from './kept.js'

const ledgerKey = 'shop.ledger'
const rememberedIds = 1500

const blank = (visitor) => ({
  visitor,
  made: 0,
  acked: 0,
  dropped: 0,
  reasons: [],
  /** Made and not yet acknowledged: `{ id, name, ts }`. */
  waiting: [],
  /** Ids that are counted already; they may be heard of again, from another tab or a repeated ack. */
  done: [],
  /** Ids of earlier visitors of this browser, whose acks must not count for this one. */
  others: [],
})

let state = kept(ledgerKey) ?? blank(null)
const listeners = new Set()

/** The counts as they stand. */
export function ledger() {
  return state
}

/** Calls back after every change, also one made by another tab. */
export function onLedger(listener) {
  listeners.add(listener)
}

/** Says whose events are counted; another visitor begins at zero. */
export function countFor(visitor) {
  change((now) => {
    if (!visitor || now.visitor === visitor) return now
    if (now.visitor === null) return { ...now, visitor }
    const others = [...now.others, ...now.done, ...now.waiting.map(({ id }) => id)]
    return { ...blank(visitor), others: others.slice(-rememberedIds) }
  })
}

/** An event was made. */
export function countMade({ id, name, ts }) {
  change((now) =>
    knows(now, id) ? now : { ...now, made: now.made + 1, waiting: [...now.waiting, { id, name, ts }] },
  )
}

/** These are on their way. One that was not heard of was made before the panel could listen: the first page view. */
export function countHeard(ids) {
  for (const id of ids) countMade({ id, name: null, ts: Date.now() })
}

/** The collector has acknowledged these. */
export function countAcked(ids) {
  change((now) => {
    const [waited, news] = split(now, ids)
    const settled = [...waited, ...news]
    return { ...settle(now, settled), made: now.made + news.length, acked: now.acked + settled.length }
  })
}

/** The SDK had to give these up, and says why. */
export function countDropped(ids, reason) {
  change((now) => {
    const [waited, news] = split(now, ids)
    const settled = [...waited, ...news]
    return {
      ...settle(now, settled),
      made: now.made + news.length,
      dropped: now.dropped + settled.length,
      reasons: [...new Set([...now.reasons, reason])],
    }
  })
}

/**
 * Rows seen in the table. One that is not in the book was written down by a page that crashed before its
 * notes reached the disk, so it is taken into the book now.
 */
export function countRows(rows) {
  countAcked(rows.map(({ id }) => id).filter((id) => !knows(state, id)))
}

function split(now, ids) {
  const waiting = new Set(now.waiting.map(({ id }) => id))
  return [ids.filter((id) => waiting.has(id)), ids.filter((id) => !knows(now, id))]
}

function settle(now, ids) {
  const gone = new Set(ids)
  return {
    ...now,
    waiting: now.waiting.filter(({ id }) => !gone.has(id)),
    done: [...now.done, ...ids].slice(-rememberedIds),
  }
}

function knows(now, id) {
  return now.waiting.some((event) => event.id === id) || now.done.includes(id) || now.others.includes(id)
}

/** Reads what other tabs wrote, changes it and writes it back in one go. */
function change(step) {
  const before = kept(ledgerKey) ?? state
  state = step(before)
  if (state === before) return
  keep(ledgerKey, state)
  for (const listener of listeners) listener()
}

addEventListener('storage', ({ key }) => {
  if (key !== ledgerKey) return
  state = kept(ledgerKey) ?? state
  for (const listener of listeners) listener()
})
