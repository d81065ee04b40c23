/** What a visit has seen so far, on all its pages and tabs: how much, and which steps came last. */
import type { Local } from './local.ts'

/** A visit's depth, the event at hand included. */
export interface VisitDepth {
  pages: number
  events: number
}

/** As it stands on the device. */
interface Kept extends Partial<VisitDepth> {
  visit?: string
  steps?: string[]
}

/** The record of the visit. */
export interface Visit {
  /** Counts an event of the visit with this id; another id begins anew. */
  count(id: string | undefined, isPage: boolean): VisitDepth
  /** Remembers a step; the oldest one goes when there are too many. */
  step(what: string): void
  /** The last steps, oldest first. */
  steps(): string[]
  save(): void
  /** Forgets the steps. */
  forget(): void
}

/** How long counts wait in memory, in ms: each writing wakes every other tab. */
const patience = 2_000

const none = (): VisitDepth => ({ pages: 0, events: 0 })

/**
 * Opens the record of the visit.
 *
 * @param most how many steps are remembered
 */
export function openVisit(local: Local, most: number): Visit {
  let id: string | undefined
  let steps: string[] = []
  /** What this tab has counted and not yet written. */
  let mine = none()
  let timer: ReturnType<typeof setTimeout> | undefined

  const read = (): Kept => {
    const kept = local.get<Kept | null>('engagement')
    return kept?.visit === id ? kept! : {}
  }
  const sum = ({ pages, events }: Kept): VisitDepth => ({
    pages: (Number(pages) || 0) + mine.pages,
    events: (Number(events) || 0) + mine.events,
  })
  const begin = (next: string | undefined) => {
    // Steps before the page's first event belong to the visit that it is in.
    if (id) steps = []
    id = next
    mine = none()
    const { steps: kept } = read()
    if (Array.isArray(kept)) steps = [...kept, ...steps].slice(-most)
  }
  const save = () => {
    clearTimeout(timer)
    timer = undefined
    if (!id || !mine.events) return
    local.set('engagement', { visit: id, ...sum(read()), ...(most && { steps }) })
    mine = none()
  }

  return {
    count(next, isPage) {
      if (next !== id) begin(next)
      mine.events++
      if (isPage) mine.pages++
      timer ??= setTimeout(save, patience)
      return sum(read())
    },
    step(what) {
      steps = [...steps, what].slice(-most)
    },
    steps: () => steps,
    save,
    forget() {
      steps = []
    },
  }
}
