/** Makes the client: its verbs become events, and its plugins see them. */
import { uuidv7 } from '@nunchi/protocol'
import type { Client } from './client.ts'
import { addressOf, connect } from './connect.ts'
import type { Environment } from './environment.ts'
import type { Report } from './errors.ts'
import { follow } from './follow.ts'
import { createHooks } from './hooks.ts'
import { openIdentity } from './identity.ts'
import { defaults, type Options } from './options.ts'
import type { Nunchi, Plugin } from './plugin.ts'
import { createRecorder, notKept } from './recorder.ts'
import { openSession } from './session.ts'
import { setUp } from './set-up.ts'
import { createStamp } from './stamp.ts'
import { createVerbs, type RecordEvent, safelyOn } from './verbs.ts'

/**
 * Makes a client on an environment; `createNunchi()` gives it the browser's.
 *
 * @param report hears about misuse and failures
 */
export function createClient<const Plugins extends readonly Plugin[]>(
  options: Options<Plugins>,
  environment: Environment,
  report: Report,
): Nunchi<Plugins> {
  const settings = { ...defaults, ...options }
  const { key, host, use, sessionTimeout, now } = settings
  const { local, page } = environment
  const { on, run, emit } = createHooks(report)
  const newId = uuidv7(now)
  const tab = newId().slice(-12)

  const identities = openIdentity(local)
  const sessions = openSession(local, sessionTimeout, newId, now)
  const memory = () => recorder.gate() === 'memory'
  const { queue, channel } = connect(settings, environment, { tab, id: newId, emit, memory })
  const misused = key ? (host ? undefined : 'options_host') : 'options_key'
  if (misused) report(misused)
  /** Without a key, or on a server, nothing is recorded, whatever a plugin says. */
  const able = environment.present && !misused
  const recorder = createRecorder(queue, local, report, run, able ? 'open' : 'closed')

  const stamp = createStamp(newId, now, tab, identities, sessions, page)
  const safely = safelyOn(report)
  const record: RecordEvent = (type, name, make, options) =>
    safely(notKept, async () => {
      if (recorder.gate() === 'closed') return notKept
      const event = stamp(type, `${name}`, make())
      // Who somebody is matters longer than what they clicked.
      const marks = { keep: !/^(track|page)$/.test(type), ...options }
      if (!(run('event', event, marks) && run('seal', event, marks))) return recorder.drop('sampled', event)
      emit('event', event)
      return recorder.record(event, marks.keep)
    })
  const open = () => !/held|closed/.test(recorder.gate())
  const stop = able && follow(environment, run, queue, channel, open)

  const client: Client = {
    ...createVerbs(record, identities, page, report),
    reset() {
      identities.reset()
      sessions.reset()
      run('reset')
    },
    flush: () => safely({ pending: 0 }, async () => (open() ? queue.flush() : { pending: 0 })),
    close() {
      if (stop) stop()
      queue.stop()
      channel.open(false)
      run('close')
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

  // Who agreed in so many words has said more than the signal does.
  if (environment.refused(settings) && local.get('consent') !== 'granted') recorder.setGate('closed')
  setUp(use, {
    client,
    name: settings.name,
    local,
    report,
    on,
    now,
    page,
    url: (path) => addressOf(settings, path),
    record,
    gate(state) {
      if (state && able) {
        recorder.setGate(state)
        channel.open(open())
      }
      return recorder.gate()
    },
  })
  channel.open(open())
  if (open()) queue.show()
  return client as Nunchi<Plugins>
}
