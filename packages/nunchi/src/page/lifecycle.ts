/** When the page is about to go away, and when it is back. */

/**
 * `leave`: hidden, perhaps for good · `gone`: away, or into the back/forward cache ·
 * `show`: seen again · `restored`: back from that cache · `online`: the network is back.
 */
export type Phase = 'leave' | 'gone' | 'show' | 'restored' | 'online'

/**
 * Watches the page. Every phase may come many times: hidden → visible → hidden, and back from the cache.
 * `unload` and `beforeunload` are never used: they keep the page out of that cache.
 *
 * @returns stops watching
 */
export function watchPage(listener: (phase: Phase) => void): () => void {
  const stop = new AbortController()
  const on = (target: EventTarget, type: string, phase: (event: Event) => Phase) =>
    // Capturing: the site's own listeners cannot keep the news from us.
    target.addEventListener(type, (event) => listener(phase(event)), { capture: true, signal: stop.signal })
  on(document, 'visibilitychange', () => (document.visibilityState === 'hidden' ? 'leave' : 'show'))
  on(document, 'freeze', () => 'gone')
  on(document, 'resume', () => 'show')
  on(window, 'pagehide', () => 'gone')
  on(window, 'pageshow', (event) => ((event as PageTransitionEvent).persisted ? 'restored' : 'show'))
  on(window, 'online', () => 'online')
  return () => stop.abort()
}
