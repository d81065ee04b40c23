/** Which addresses the collector may call: public ones by https, and those that the operator named. */
import { OutgoingError } from './outgoing-error.ts'
import { mayBePublicHost } from './public-address.ts'

const refused = (message: string) => new OutgoingError('address_refused', message)

/** `host:port` of a URL, with the scheme's port where none is written. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname.replace(/\.+$/, '')}:${port || (protocol === 'https:' ? '443' : '80')}`
}

/**
 * Reads a list such as `ollama.internal:11434, [fd00::7]:8080`.
 *
 * @throws Error naming the entry that is not `host:port`
 */
export function readAllowedHosts(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      if (!/^(\[[\da-f:.]+\]|[^\s/@:?#[\]*\\]+):\d{1,5}$/i.test(entry) || !URL.canParse(`http://${entry}`))
        throw new Error(`"${entry}" is not host:port, such as ollama.internal:11434`)
      return hostAndPort(new URL(`http://${entry}`))
    })
}

function parse(text: string, base?: URL): URL {
  try {
    return new URL(text, base)
  } catch {
    throw refused('The address is not a URL.')
  }
}

/**
 * Takes a URL that may be called as far as its text tells. Names must be resolved and their addresses checked
 * besides, where the runtime can.
 *
 * @param text absolute, or relative to `base` as in a redirect
 * @param allowed hosts (`host:port`) that may be private and may be called by plain http
 * @throws OutgoingError `address_refused`
 */
export function permittedUrl(text: string, allowed: readonly string[] = [], base?: URL): URL {
  const url = parse(text, base)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refused(`Only https: addresses are called; this one begins with ${url.protocol}//.`)
  if (url.username !== '' || url.password !== '')
    throw refused('The address carries a user name or a password; leave out what stands before the @.')
  if (allowed.includes(hostAndPort(url))) return url
  if (!mayBePublicHost(url.hostname))
    throw refused(`The host ${url.hostname} is not on the public internet, and not among those allowed.`)
  if (url.protocol !== 'https:')
    throw refused(`The host ${url.hostname} is called by https: only, as it is not among those allowed.`)
  return url
}
