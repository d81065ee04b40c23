/** The client's face: Segment's verbs. */
import type { Pending } from './queue.ts'
import type { Saved } from './saver.ts'
import type { Listener, Stage, Stages } from './stages.ts'

export type { Listener, Pending, Saved, Stage, Stages }

/** What a caller may say about an event: anything that JSON can carry; dates become ISO text. */
export type Properties = Record<string, unknown>

/** Sends behaviour to your own Postgres. No method throws; each takes effect before it returns. */
export interface Client {
  /** Records what a visitor did. The promise resolves once the event is in the store on the device. */
  track(name: string, properties?: Properties): Promise<Saved>
  /** Says who the visitor is, from now on and on all tabs. */
  identify(userId: string, traits?: Properties): Promise<Saved>
  /** Records a page view; the name defaults to the page's path. */
  page(name?: string, properties?: Properties): Promise<Saved>
  /** Says which group (a company, a team) the person belongs to. */
  group(groupId: string, traits?: Properties): Promise<Saved>
  /** Says that `previousId` (default: the present user or visitor) is the same person as `userId`. */
  alias(userId: string, previousId?: string): Promise<Saved>
  /** Makes a new visitor with a new visit, as after signing out on a shared device. */
  reset(): void
  /** Saves everything, and tries once to deliver everything. */
  flush(): Promise<Pending>
  /** Flushes, then stops: no listener or timer is left. */
  close(): Promise<Pending>
  /** Watches events on their way. @returns stops watching */
  on(listener: Listener): () => void
  readonly anonymousId: string
  readonly userId: string | undefined
  readonly sessionId: string
}
