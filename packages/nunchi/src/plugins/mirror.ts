/** The mirror: each event also to a tracker that the site has already, so that it moves over with both running. */
import type { Event, EventType } from '@nunchi/protocol'
import type { Report } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import { type SegmentLike, type Tell, type TrackerKind, tellerOf } from '../tracker.ts'

/** A function that is given each event, gtag, an object with Segment's verbs, or the name of a global that is one. */
export type MirrorTarget = ((event: Event) => unknown) | SegmentLike | string

/** What `mirror()` takes besides its target. */
export interface MirrorOptions {
  /** How the target is spoken to: `function`, `gtag` or `segment`. @default seen from the target */
  as?: TrackerKind
  /** The types of events that are passed on. @default all */
  types?: readonly EventType[]
}

/** An event to pass on; nothing stands for a visitor who was reset. */
type Item = Event | undefined

/** Passes items on to one tracker. */
interface Relay {
  add(item: Item): void
  /** Whether the tracker is being told of an item of this type and name at this moment, or of any. */
  telling(type?: EventType, name?: string): boolean
  stop(): void
}

/** Items kept for a tracker that has not come yet, at most, and how long it is looked for, in ms. */
const [mostKept, every, patience] = [100, 500, 10_000]
/** Events of one name within `patience`, at most: a tracker that sends them back would go on for ever. */
const mostAlike = 50

/** The event as the tracker gets it: a copy, and marked, so that it is known should it come back. */
const marked = (event: Event): Event =>
  /^(track|page)$/.test(event.type)
    ? { ...event, properties: { ...event.properties, nunchi_id: event.id } }
    : { ...event }

/** Finds the tracker each time anew: snippets put a stub in its place first. */
function finder(to: unknown, as: TrackerKind | undefined): () => Tell | undefined {
  if (typeof to !== 'string') return () => tellerOf(to, as)
  return () => {
    try {
      return tellerOf((globalThis as { [name: string]: unknown })[to], to === 'gtag' ? 'gtag' : as)
    } catch {
      // A getter of the page's that throws: not there.
      return undefined
    }
  }
}

/** Makes the relay to the tracker that `find` finds, sooner or later. */
function relay(find: () => Tell | undefined, report: Report, name: MirrorTarget): Relay {
  const kept: Item[] = []
  let now: { item: Item } | undefined
  let until = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const failed = (error: unknown) => report('plugin_failed', error)
  const tell = (teller: Tell, item: Item) => {
    now = { item }
    try {
      // What it does later may fail too, and is then no error of the page's.
      Promise.resolve(teller(item)).catch(failed)
    } catch (error) {
      failed(error)
    }
    now = undefined
  }
  /** Tells all that was kept; looks again later while the tracker is not there. */
  const pass = () => {
    clearTimeout(timer)
    const teller = find()
    until ||= Date.now() + patience
    if (teller) for (const item of kept.splice(0)) tell(teller, item)
    else if (Date.now() < until) timer = setTimeout(pass, every)
    else if (kept.splice(0).length) report('mirror_missing', name)
  }
  return {
    add(item) {
      if (kept.length < mostKept) kept.push(item)
      pass()
    },
    telling: (type, name) => !!now && (!type || (now.item?.type === type && now.item.name === name)),
    stop: () => clearTimeout(timer),
  }
}

/** Counts events by kind; false once there are too many of one within a while. */
function fewAlike(): (kind: string) => boolean {
  let times = new Map<string, number>()
  let since = 0
  return (kind) => {
    const now = Date.now()
    if (Math.abs(now - since) > patience) {
      times = new Map()
      since = now
    }
    const count = (times.get(kind) ?? 0) + 1
    times.set(kind, count)
    return count <= mostAlike
  }
}

/** Makes the plugin; events are passed on once they are kept, so never without consent. */
export function mirror(to: MirrorTarget, { as, types }: MirrorOptions = {}): Plugin<'mirror', void> {
  return {
    name: 'mirror',
    setup({ on, report }) {
      const find = finder(to, as)
      if (!to || (typeof to !== 'string' && !find())) return report('option_invalid', 'mirror(to)')
      const { add, telling, stop } = relay(find, report, to)
      const few = fewAlike()
      // Sent back by the tracker: it is stored already.
      on('event', ({ type, name, properties }) => !properties?.['nunchi_id'] && !telling(type, name))
      on('keep', (event) => {
        if (telling() || (types && !types.includes(event.type))) return
        if (few(event.type + event.name)) add(marked(event))
        else report('mirror_loop', event.name)
      })
      on('reset', () => add(undefined))
      on('close', stop)
    },
  }
}
