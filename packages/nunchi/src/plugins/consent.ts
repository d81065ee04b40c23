/** Consent: nothing is stored or sent before the visitor agrees, and nothing stays when they refuse. */
import type { Plugin } from '../plugin.ts'

/** What `consent()` takes. */
export interface ConsentOptions {
  /**
   * What holds until the visitor decides: `pending` keeps events in memory only (at most 1000),
   * `denied` makes none, `granted` is for places where no consent is needed.
   * @default 'pending'
   */
  initial?: 'pending' | 'granted' | 'denied'
}

/** Appears as `client.consent`. */
export interface Consent {
  /** The visitor agreed: what was held is stored and sent, and the choice is remembered. */
  grant(): void
  /** The visitor refused: everything of nunchi's is removed from the device, the choice too. */
  deny(): void
  readonly status: 'pending' | 'granted' | 'denied'
}

/** Makes the plugin. A refusal leaves no trace, so tell it again (`initial`) on the next page. */
export function consent({ initial = 'pending' }: ConsentOptions = {}): Plugin<'consent', Consent> {
  return {
    name: 'consent',
    first: true,
    setup({ local, gate, on }) {
      let status = local.get('consent') === 'granted' ? 'granted' : initial
      const decide = (next: Consent['status']) => {
        status = next
        gate(next === 'granted' ? 'open' : next === 'denied' ? 'closed' : 'held')
      }
      // `initial: 'granted'` opens nothing that something else (Global Privacy Control) has closed.
      if (status !== 'granted') decide(status)
      // Refused in another tab: its record is gone there, so it is gone here.
      const follow = () => {
        if (status === 'granted' && initial !== 'granted' && local.get('consent') !== 'granted')
          decide('denied')
      }
      globalThis.addEventListener?.('storage', follow)
      on('show', follow)
      return {
        grant() {
          decide('granted')
          local.set('consent', 'granted')
        },
        deny: () => decide('denied'),
        get status() {
          return status
        },
      }
    },
  }
}
