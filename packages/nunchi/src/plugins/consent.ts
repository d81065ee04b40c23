/** Consent: what is stored and sent before the visitor decides, and that nothing stays when they refuse. */
import type { Event } from '@nunchi/protocol'
import type { Plugin } from '../plugin.ts'

/** What `consent()` takes. */
export interface ConsentOptions {
  /**
   * `opt-in`: nothing is stored or sent before the visitor agrees; events wait in memory (at most 1000).
   * `opt-out`: all is recorded until the visitor refuses; the refusal is remembered on the device, as one word.
   * `cookieless`: events are sent, but nothing is stored on the device, the visitor's id not either; a grant
   * begins to store, a refusal is remembered.
   * @default 'opt-in'
   */
  mode?: 'opt-in' | 'opt-out' | 'cookieless'
  /**
   * What holds until the visitor decides, where it is not what the mode says: `denied` where your own banner
   * remembers a refusal, `granted` for places where no consent is needed.
   * @default 'pending'
   */
  initial?: 'pending' | 'granted' | 'denied'
}

/** Appears as `client.consent`. */
export interface Consent {
  /** The visitor agreed: what was held is stored and sent, and the choice is remembered, in all tabs. */
  grant(): void
  /** The visitor refused: a request under way is given up, and everything of nunchi's leaves the device, in all tabs. */
  deny(): void
  readonly status: 'pending' | 'granted' | 'denied' | 'cookieless'
}

type Status = Consent['status']

/** Events made before consent is decided, at most; the recorder keeps no more. */
const mostHeld = 1000

const gates = { pending: 'held', granted: 'open', denied: 'closed', cookieless: 'memory' } as const
const beginnings: { [mode: string]: Status } = { 'opt-out': 'granted', cookieless: 'cookieless' }

/** Makes the plugin. In the mode `opt-in` a refusal leaves no trace, so tell it again (`initial`) on the next page. */
export function consent({ mode = 'opt-in', initial }: ConsentOptions = {}): Plugin<'consent', Consent> {
  return {
    name: 'consent',
    first: true,
    setup({ client, local, gate, on }) {
      const beginning = initial ?? beginnings[mode] ?? 'pending'
      /** What was said on this device, whatever this tab may store. */
      const said = () => local.get<'granted' | 'denied'>('consent', true)
      let status: Status = said() ?? beginning
      let held: Event[] = []

      const decide = (next: Status) => {
        status = next
        // What an earlier page has stored must not stay either.
        if (next === 'cookieless') gate('closed')
        gate(gates[next])
        // Other tabs go by this word at once: who the visitor is must be on the device before it.
        if (next === 'granted' && client.anonymousId && client.sessionId) local.set('consent', next)
        if (next === 'denied' && mode !== 'opt-in') {
          local.persist(true)
          local.set('consent', next)
          local.persist(false)
        }
        held = []
      }

      /** What was recorded here before another tab's grant belongs to the visitor, and the visit, that it knows. */
      const adopt = () => {
        const { anonymousId, sessionId } = client
        const id = local.get<{ anonymousId: string }>('id', true)
        const visit = local.get<{ id: string }>('session', true)
        for (const event of held) {
          if (id && event.anonymousId === anonymousId) {
            event.anonymousId = id.anonymousId
            delete event.userContext?.['newId']
          }
          if (visit && event.sessionId === sessionId) event.sessionId = visit.id
        }
        local.set('id', { ...local.get<object>('id'), ...id })
        local.set('session', { ...local.get<object>('session'), ...visit })
      }

      // A signal of the browser's has closed the way: only a visitor who is asked may open it.
      if (gate() === 'closed' && status !== 'pending') status = 'denied'
      else if (status !== 'granted') decide(status)

      on('event', (event) => {
        if (status === 'pending' && held.length < mostHeld) held.push(event)
      })
      /** Decided in another tab: the record is another one there, so it is here. */
      const follow = () => {
        const now = said()
        if (now === 'granted' && status !== now) {
          adopt()
          decide(now)
        } else if (now ? now !== status : status === 'granted' && beginning !== 'granted') decide('denied')
      }
      globalThis.addEventListener?.('storage', follow)
      on('show', follow)
      on('close', () => globalThis.removeEventListener?.('storage', follow))
      return {
        grant: () => decide('granted'),
        deny: () => decide('denied'),
        get status() {
          return status
        },
      }
    },
  }
}
