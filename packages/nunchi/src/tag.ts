/** What a script tag starts: a client by the tag's own attributes, which plays what the stub has recorded. */
import { declaredClicks } from './declared-clicks.ts'
import { type Client, consent, createNunchi, engagement, type Plugin, pageViews, vitals } from './index.ts'

/** A call that the stub recorded: method, time in ms since the epoch, arguments. */
type Call = [method: string, at: number, ...args: unknown[]]

/** Further plugins, by the tag's attributes. */
type More = (attributes: DOMStringMap) => Plugin[]

/** What the page holds before the script has come. */
interface Stub {
  q?: Call[]
}

function start(script: HTMLScriptElement | null, more: More): void {
  const page = window as unknown as { nunchi?: (Stub & Partial<Client>) | undefined }
  // A stub may record any method, but never `on`: that is what tells a client from it.
  if (!script || page.nunchi?.on) return
  const {
    key = '',
    host = new URL(script.src).origin,
    name,
    path,
    pageViews: views,
    hash,
    engagement: engaged,
    vitals: speed,
    clicks,
    consent: ask,
    gpc,
    dnt,
  } = script.dataset
  const use: Plugin[] = more(script.dataset)
  // What is none of the words is asked first.
  if (ask === 'opt-out' || ask === 'cookieless') use.push(consent({ mode: ask }))
  else if (ask) use.push(consent({ initial: ask === 'denied' || ask === 'granted' ? ask : 'pending' }))
  if (views !== 'off') use.push(pageViews({ hash: hash === 'on' }))
  if (engaged !== 'off') use.push(engagement())
  if (speed !== 'off') use.push(vitals())
  if (clicks !== 'off') use.push(declaredClicks())
  /** While the stub's calls are played, the time at which each was made. */
  let at = 0
  const client = createNunchi({
    key,
    host,
    use,
    gpc: gpc !== 'off',
    dnt: dnt === 'on',
    now: () => at || Date.now(),
    ...(name && { name }),
    ...(path && { path }),
  })
  const calls = page.nunchi?.q ?? []
  page.nunchi = client
  for (const [method, time, ...args] of calls) {
    at = time
    const call = (client as unknown as Record<string, unknown>)[method]
    if (typeof call === 'function') call(...args)
  }
  at = 0
}

/**
 * Starts the client of the tag that loaded this script; on a second load the first one stays. Never throws.
 *
 * @param more what this build of the script has besides
 */
export function startTag(more: More = () => []): void {
  try {
    start(
      (document.currentScript as HTMLScriptElement | null) ??
        document.querySelector<HTMLScriptElement>('script[data-key][src]'),
      more,
    )
  } catch (error) {
    console.warn('nunchi:', error)
  }
}
