/** Compares what was made with what is stored, and says in one sentence how it stands. */
import { count, t } from './language.js'

/**
 * How many events are where: `[memory, store, in flight, acknowledged but not yet seen as a row, rows]`.
 * `stageOf` knows only what happened since this page was opened; before that, an event waits in the store.
 */
export function whereabouts({ waiting, acked }, rows, stageOf) {
  const places = [0, 0, 0, Math.max(0, acked - (rows ?? 0)), rows ?? 0]
  // A row without an ack is counted among the rows already.
  for (const { id } of waiting) if (stageOf(id) !== 4) places[stageOf(id) ?? 1]++
  return places
}

/** The verdict: `{ tone, text }` with tone `good`, `waiting`, `warn` or `none`. `retrying`: some wait for another try. */
export function verdict(book, rows, places, { down, retrying }) {
  const kept = book.made - book.dropped
  if (rows === null) return { tone: 'none', text: t('balance.loading') }
  if (down) return offline(book)
  if (book.made === 0 && rows === 0) return { tone: 'none', text: t('balance.none') }
  if (rows > kept) return { tone: 'waiting', text: t('balance.more', count(rows - kept)) }
  if (rows === kept && rows > book.acked) {
    return { tone: 'waiting', text: t('balance.ackPending', count(rows - book.acked)) }
  }
  if (rows === kept && !book.dropped) return { tone: 'good', text: t('balance.equal') }
  if (rows === kept) {
    return { tone: 'warn', text: t('balance.dropped', count(book.dropped), book.reasons.join(', ')) }
  }
  if (retrying) return { tone: 'waiting', text: t('balance.retrying', count(kept - rows)) }
  const onTheWay = places.slice(0, 4)
  if (!onTheWay.some(Boolean)) return { tone: 'warn', text: t('balance.unequal', count(kept - rows)) }
  const where = onTheWay.flatMap((number, place) => (number ? t(`where.${place}`, count(number)) : []))
  return { tone: 'waiting', text: t('balance.waiting', count(kept - rows), where.join(', ')) }
}

function offline({ waiting }) {
  if (!waiting.length) return { tone: 'waiting', text: t('balance.offlineNone') }
  return { tone: 'waiting', text: t('balance.offline', count(waiting.length)) }
}
