/** The seam between a scenario and what stands at the end of the way. */

/** A server that events are sent to. */
export interface Target {
  port: number
  /** The key that pages use. */
  key: string
  /** How often each marked event is there. */
  seen(): Promise<Map<string, number>>
  /** How many events came again and were told from new ones. */
  again(): Promise<number>
  close(): Promise<void>
}
