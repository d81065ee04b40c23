/** The seam of delivery: what takes a batch to the collector and says what became of it. */

/** One attempt to deliver one batch. */
export interface Delivery {
  /** The collector's address with the key: where to POST. */
  url: string
  /** The batch as JSON, or what a wrapper made of it. */
  body: string | Uint8Array<ArrayBuffer>
  /** The page is going away: the request must outlive it, and no answer will be read. */
  leaving?: boolean
  /** Somebody asked for it (`flush()`), or the network is back: a backoff of our own need not be waited for. */
  urgent?: boolean | undefined
  /** Aborts once consent is withdrawn: the request under way is given up. */
  signal?: AbortSignal
}

/** What came back. */
export interface Reply {
  /** The HTTP status, or 0 where there was no answer. */
  status: number
  /** The answer's body where it was JSON: an ack or a problem. */
  body?: { batch?: unknown; code?: unknown; [member: string]: unknown }
  /** How long to wait before the next attempt, in ms. */
  wait?: number
  /** Nothing was sent: the time had not come, or there is no network. It says nothing about the batch. */
  held?: boolean
}

/** Delivers; resolves always, also when there is no network. Wrappers take one and give one. */
export type Transport = (delivery: Delivery) => Promise<Reply>
