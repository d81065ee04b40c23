/** The client: Segment's verbs, made into events. */
import { type Event, type EventType, type JsonObject, maxNameLength, uuidv7 } from '@nunchi/protocol'
import type { Environment } from './environment.ts'
import type { Report } from './errors.ts'
import { createHooks } from './hooks.ts'
import { openIdentity } from './identity.ts'
import { defaults, type Options } from './options.ts'
import type { Apis, Plugin, PluginContext } from './plugin.ts'
import { createQueue, type Pending, type Saved } from './queue.ts'
import { createRecorder, notKept } from './recorder.ts'
import { openSession } from './session.ts'
import type { Listener } from './stages.ts'
import { sdk } from './version.ts'

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

/** What an event says besides who, when and where. */
type Fields = Pick<Event, 'userId' | 'groupId' | 'previousId'> & { properties?: Properties | undefined }

/**
 * Makes a client on an environment; `createNunchi()` gives it the browser's.
 *
 * @param report hears about misuse and failures
 */
export function createClient<const Plugins extends readonly Plugin[]>(
  options: Options<Plugins>,
  environment: Environment,
  report: Report,
): Client & Apis<Plugins> {
  const { key, host, use, path, flushInterval, flushAt, sessionTimeout, gpc, now } = {
    ...defaults,
    ...options,
  }
  const { local } = environment
  const { on, run } = createHooks(report)
  const newId = uuidv7(now)
  const tab = newId().slice(-12)
  let seq = 0

  const emit: Listener = (stage, detail) => {
    run('stage', stage, detail)
    if (stage === 'dropped') report('event_dropped', detail)
    if (stage === 'failed' && /40[13]/.test(`${(detail as { status: number }).status}`))
      report('key_refused', detail)
  }
  const identities = openIdentity(local)
  const sessions = openSession(local, sessionTimeout, newId, now)
  const channel = environment.channel((ids) => queue.forget(ids))
  const queue = createQueue({
    ...environment,
    turn: environment.turn(tab),
    url: `${host}${path}?key=${key}`,
    tab,
    id: newId,
    now,
    emit,
    tell: (ids) => channel.post(ids),
    interval: flushInterval,
    flushAt,
  })
  const misused = key ? (host ? undefined : 'options_host') : 'options_key'
  if (misused) report(misused)
  const recorder = createRecorder(queue, local, report, environment.present && !misused ? 'open' : 'closed')

  const record = async (type: EventType, name: string, { properties, ...fields }: Fields): Promise<Saved> => {
    const page = environment.page()
    const event: Event = {
      id: newId(),
      type,
      name: `${name}`.slice(0, maxNameLength),
      ts: now(),
      tab,
      seq: seq++,
      ...identities.current(),
      sessionId: sessions.current(),
      ...(page && { page }),
      sdk,
      ...fields,
      // A copy: plugins may change the event, never the caller's own object.
      ...(properties && { properties: { ...properties } as JsonObject }),
    }
    if (!run('event', event)) return recorder.drop('sampled', event)
    run('stage', 'event', event)
    return recorder.record(event)
  }

  /** Nothing of ours throws into the page, whatever it was given. */
  const safely = async <Result>(fallback: Result, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      report('sdk_failed', error)
      return fallback
    }
  }
  /** Records what `make` says, unless its subject (a name, an id) is missing or nothing may be recorded. */
  const say = (type: EventType, subject: unknown, make: () => Fields, name: unknown = type): Promise<Saved> =>
    safely(notKept, async () => {
      if (!subject) report(type === 'track' || type === 'page' ? 'event_name' : 'id_missing')
      return subject && recorder.gate() !== 'closed' ? record(type, `${name}`, make()) : notKept
    })

  const stop = environment.present
    ? environment.watch((phase) => {
        const away = phase === 'leave' || phase === 'gone'
        if (away) {
          run('leave')
          queue.leave()
        } else {
          run('show', phase === 'restored')
          queue.show()
        }
        channel.open(phase !== 'gone')
      })
    : () => {}

  const client: Client = {
    track: (name, properties) => say('track', name, () => ({ properties }), name),
    identify: (userId, properties) =>
      say('identify', userId, () => {
        identities.identify(`${userId}`)
        return { properties }
      }),
    page(name, properties) {
      const path = name ?? environment.page()?.url.replace(/^\w+:\/\/[^/]*|[?#].*/g, '')
      return say('page', path, () => ({ properties }), path)
    },
    group: (groupId, properties) => say('group', groupId, () => ({ groupId: `${groupId}`, properties })),
    alias: (userId, previousId) =>
      say('alias', userId, () => {
        const { anonymousId, userId: present } = identities.current()
        return { userId: `${userId}`, previousId: `${previousId ?? present ?? anonymousId}` }
      }),
    reset() {
      identities.reset()
      sessions.reset()
      run('reset')
    },
    flush: () => safely({ pending: 0 }, queue.flush),
    close() {
      stop()
      queue.stop()
      channel.open(false)
      return client.flush()
    },
    on: (listener) => on('stage', listener),
    get anonymousId() {
      return identities.current().anonymousId
    },
    get userId() {
      return identities.current().userId
    },
    get sessionId() {
      return sessions.current()
    },
  }

  if (gpc && environment.refused()) recorder.setGate('closed')
  const context: PluginContext = { client, local, report, on, gate: recorder.setGate }
  for (const plugin of use)
    try {
      Object.defineProperty(client, plugin.name, { value: plugin.setup(context) })
    } catch (error) {
      report('plugin_failed', error)
    }
  if (recorder.gate() === 'open') {
    channel.open(true)
    queue.show()
  }
  return client as Client & Apis<Plugins>
}
