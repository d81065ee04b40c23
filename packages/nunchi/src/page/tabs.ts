/** What tabs of one site do together: one of them sends at a time, and all hear what was delivered. */
import type { Local } from './local.ts'

/** Runs work in this tab alone, among all tabs of the site. */
export interface Turn {
  /**
   * Runs `work` now, or not at all: resolves to `undefined` where another tab has the turn.
   *
   * @param work is told by `mine()` whether the turn is still its own
   */
  take<Result>(work: (mine: () => boolean) => Promise<Result>): Promise<Result | undefined>
  /** Gives the turn back at once; running work goes on but learns it by `mine()`. */
  release(): void
}

/**
 * How long a tab waits for the turn before it takes it for another's, in ms: a free one comes within a few. Who waits
 * behind another tab gets it in the moment in which that one leaves, and may send what is still on its way.
 */
const patience = 50

/** How long a lease holds where there are no Web Locks, in ms; a living tab renews it. */
const lease = 4_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Opens the turn named `name`: a Web Lock held for one piece of work, never longer (a lock held for a
 * visit keeps the page out of the back/forward cache), or a lease in `local` where there are no locks.
 */
export function openTurn(name: string, local: Local, tab: string): Turn {
  type LetGo = () => void
  let release: LetGo = () => {}

  // Not by `ifAvailable`, which cannot be taken back: its answer would come to a page that is in the
  // back/forward cache by then, and throw it out of there.
  const byLock = (signal: AbortSignal) =>
    new Promise<LetGo | undefined>((resolve, reject) => {
      navigator.locks
        .request(name, { signal }, () => new Promise<void>((letGo) => resolve(letGo)))
        .catch((error) => (signal.aborted ? resolve(undefined) : reject(error)))
    })

  const byLease = async (): Promise<LetGo | undefined> => {
    const renew = () => local.set('lease', [tab, Date.now() + lease])
    const owner = () => {
      const { 0: who, 1: until } = local.get<[string, number]>('lease') ?? []
      // A lease that ends later than any could comes from a clock that jumped.
      return until! > Date.now() && until! <= Date.now() + lease ? who : undefined
    }
    if ((owner() ?? tab) !== tab) return
    renew()
    // Two tabs may have written at once: the later write is the one that both find.
    await sleep(50)
    if (owner() !== tab) return
    const timer = setInterval(renew, lease / 2)
    return () => {
      clearInterval(timer)
      if (owner() === tab) local.set('lease')
    }
  }

  return {
    async take(work) {
      let mine = true
      let letGo: LetGo | undefined
      const asked = new AbortController()
      const giveUp = () => asked.abort()
      // Also while it is still asked for: a page that leaves meanwhile must not get it.
      release = () => {
        mine = false
        giveUp()
        letGo?.()
      }
      setTimeout(giveUp, patience)
      // No locks in this browser, or none in this frame: a sandbox refuses them.
      letGo = await byLock(asked.signal).catch(byLease)
      try {
        return letGo && mine ? await work(() => mine) : undefined
      } finally {
        release()
      }
    },
    release: () => release(),
  }
}

/** Tells the other tabs which events were delivered. */
export interface Channel {
  post(ids: string[]): void
  /** Closed while the page is away (an open channel keeps it out of the back/forward cache). */
  open(yes: boolean): void
}

/** Opens the channel named `name`; without BroadcastChannel it says and hears nothing. */
export function openChannel(name: string, hear: (ids: string[]) => void): Channel {
  let channel: BroadcastChannel | undefined
  return {
    post(ids) {
      channel?.postMessage(ids)
    },
    open(yes) {
      channel?.close()
      channel = undefined
      try {
        if (yes) {
          channel = new BroadcastChannel(name)
          channel.onmessage = ({ data }) => hear(data)
        }
      } catch {
        // None in this browser: then events that another tab delivered may be handed over again.
      }
    },
  }
}
