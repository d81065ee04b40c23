/** Debugging: says on the console, in words, what becomes of each event, and why one is not recorded. */
import type { DropReason, Event, EventType } from '@nunchi/protocol'
import type { Marks } from '../hooks.ts'
import type { Plugin, PluginContext } from '../plugin.ts'
import type { Listener, Stages } from '../stages.ts'

/** What `debug()` takes. */
export interface DebugOptions {
  /** Speaks on every page; otherwise only once the address has said `?nunchi_debug=1`, in that tab. @default false */
  on?: boolean
}

/** Appears as `client.debug`. */
export interface Debug {
  /** Whether it speaks; `?nunchi_debug=1` begins it for this tab, `?nunchi_debug=0` ends it. */
  readonly on: boolean
}

const verbs: readonly EventType[] = ['track', 'identify', 'page', 'group', 'alias']

const reasons: { [reason in DropReason]: string } = {
  event_too_large: 'it is larger than 32 kB; say less in its properties',
  event_unserializable: 'a toJSON() in its properties throws',
  store_full: 'the store on this device is full (10 MB, 20,000 events), and it was among the oldest',
  too_old: 'it is older than 30 days',
  rejected: 'the collector refuses every batch that it is in',
  consent: 'there is no consent',
  sampled: 'a plugin or hook answered false',
}

/** Reads `?nunchi_debug=`, and remembers it for this tab alone. */
function asked(): boolean {
  try {
    const said = new URLSearchParams(location.search).get('nunchi_debug')
    if (said) sessionStorage.setItem('nunchi.debug', said)
    return sessionStorage.getItem('nunchi.debug') === '1'
  } catch {
    // On a server, or in a frame without storage.
    return false
  }
}

/** Why nothing is recorded while the gate is closed. */
function whyClosed(client: object): string {
  const signals = navigator as { globalPrivacyControl?: boolean; doNotTrack?: string | null }
  if (
    (client as { consent?: { status?: string } }).consent?.status === 'denied' ||
    !('document' in globalThis)
  )
    return 'consent is denied'
  if (signals.globalPrivacyControl) return 'the browser signals Global Privacy Control (option gpc)'
  if (signals.doNotTrack === '1') return 'the browser signals Do Not Track (option dnt)'
  const { consent } = client as { consent?: { status: string } }
  return consent?.status === 'denied' ? 'consent is denied' : 'createNunchi() got no key or no host'
}

/** Says of each call that is made while the gate is closed that nothing comes of it. */
function watchCalls({ client, gate }: PluginContext, say: (text: string) => void): void {
  for (const verb of verbs) {
    const inner = client[verb] as (...args: unknown[]) => Promise<never>
    client[verb] = (...args: unknown[]) => {
      if (gate() === 'closed') say(`${verb}("${args[0] ?? ''}") is not recorded: ${whyClosed(client)}.`)
      return inner(...args)
    }
  }
}

/** Says what a listener hears, by the events' names. */
function teller(context: PluginContext, say: (text: string, detail?: unknown) => void): Listener {
  const names = new Map<string, string>()
  const why = new Map<string, Marks>()
  context.on('event', (event, marks) => {
    names.set(event.id, `"${event.name}" (${event.type})`)
    why.set(event.id, marks)
  })
  const named = (ids: string[]) =>
    ids.length > 5 ? `${ids.length} events` : ids.map((id) => names.get(id) ?? 'an earlier event').join(', ')
  const forget = (ids: string[]) => {
    for (const id of ids) {
      names.delete(id)
      why.delete(id)
    }
  }
  const tell: { [Name in keyof Stages]: (detail: Stages[Name]) => void } = {
    event: (event: Event) =>
      say(
        `${named([event.id])} is made${context.gate() === 'held' ? ', and waits in memory for consent' : ''}.`,
        event,
      ),
    stored: ({ ids }) => say(`${named(ids)}: stored on this device.`),
    sending: ({ ids }) => say(`${named(ids)}: on the way to the collector.`),
    beacon: ({ ids }) => say(`${named(ids)}: handed to the browser by a page that leaves.`),
    acked({ ids, ack }) {
      say(`${named(ids)}: in Postgres, says the collector.`, ack)
      forget(ids)
    },
    rejected: ({ rejections }) => {
      for (const { detail, fix, code } of rejections)
        say(`Refused by the collector (${code}): ${detail} ${fix}`)
    },
    failed: ({ ids, status, code }) =>
      say(
        `${named(ids)}: kept, and tried again; the collector ${status ? `answered ${status}${code ? ` ${code}` : ''}` : 'was not reached'}.`,
      ),
    dropped({ ids, reason }) {
      const cause = why.get(ids[0]!)?.why
      say(`${named(ids)}: dropped (${reason}): ${cause ?? reasons[reason as DropReason]}.`)
      forget(ids)
    },
  }
  return (stage, detail) => tell[stage](detail)
}

/** Makes the plugin; the development build has it already, and takes `debug: true` as an option. */
export function debug({ on = false }: DebugOptions = {}): Plugin<'debug', Debug> {
  return {
    name: 'debug',
    first: true,
    setup(context) {
      const speaks = on || asked()
      if (speaks) {
        const say = (text: string, detail: unknown = '') => console.info(`nunchi: ${text}`, detail)
        watchCalls(context, say)
        context.on('stage', teller(context, say))
      }
      return { on: speaks }
    },
  }
}
