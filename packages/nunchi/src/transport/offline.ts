/** Wraps a transport so that nothing is tried while the browser knows that it is offline. */
import type { Transport } from './transport.ts'

/** Answers at once, with status 0, while `navigator.onLine` is false; the queue wakes on `online`. */
export function offline(send: Transport): Transport {
  return async (delivery) =>
    navigator.onLine === false ? { status: 0, wait: 60_000, held: true } : send(delivery)
}
