/** Redirect tests: each arm at an address of its own, and no exposure lost on the way there. */
import type { Client } from './client.ts'
import type { ShortForms } from './experiments/api.ts'
import type { ExperimentKey } from './flags.ts'
import type { Consent } from './plugins/consent.ts'

/** A client with `experiments()`. */
export type RedirectingClient = Pick<Client, 'on'> &
  Pick<ShortForms, 'experiment'> & { readonly consent?: Pick<Consent, 'status'> }

/** How to redirect. */
export interface RedirectOptions {
  /** Takes the visitor there. Going back does not lead here again. @default location.replace */
  go?: (url: string) => void
  /** How long the exposure may take to be on the disk, in ms; then the page's leaving hands it over. @default 200 */
  timeout?: number
}

/** The address that a variant's configuration names: as a text, or as its `url`. */
function addressOf(value: unknown): string | undefined {
  const url = typeof value === 'string' ? value : (Object(value) as { url?: unknown }).url
  return typeof url === 'string' && url ? url : undefined
}

/**
 * Exposes an experiment and, where the visitor's variant has an address in its configuration (`'/landing-b'`, or
 * `{ url }`) that is not this page's, goes there. The exposure is on the disk before; the page that the visitor
 * arrives at sends it under the same id, should leaving not have done so. Query and fragment of this page go along.
 * Without consent the next page would be another visitor's, so nobody is redirected and nobody exposed.
 *
 * @returns whether the page is being left; never rejects
 */
export async function redirect(
  client: RedirectingClient,
  experiment: ExperimentKey,
  { go = (url) => location.replace(url), timeout = 200 }: RedirectOptions = {},
): Promise<boolean> {
  if (client.consent && client.consent.status !== 'granted') return false
  const waiting = new Set<string>()
  let settle = () => {}
  const stop = client.on((stage, detail) => {
    if (stage === 'event') waiting.add((detail as { id: string }).id)
    if (stage !== 'stored') return
    for (const id of (detail as { ids: string[] }).ids) waiting.delete(id)
    if (!waiting.size) settle()
  })
  try {
    const { value, isInExperiment } = client.experiment(experiment)
    const address = isInExperiment && addressOf(value)
    if (!address) return false
    const here = new URL(location.href)
    const there = new URL(address, here)
    if (there.origin === here.origin && there.pathname === here.pathname) return false
    for (const [name, text] of here.searchParams)
      if (!there.searchParams.has(name)) there.searchParams.append(name, text)
    there.hash ||= here.hash
    if (waiting.size)
      await new Promise<void>((resolve) => {
        settle = resolve
        setTimeout(resolve, timeout)
      })
    go(there.href)
    return true
  } catch {
    // An address that is none.
    return false
  } finally {
    stop()
  }
}
