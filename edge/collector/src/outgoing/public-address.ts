/** Which addresses and names lie on the public internet, and which lead into somebody's house. */

/** Four octets as one number; `undefined` for what is not the canonical dotted form. */
function parseV4(text: string): number | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (!octets || octets.some((octet) => octet > 255)) return undefined
  return octets.reduce((sum, octet) => sum * 256 + octet, 0)
}

/** Address blocks by their first address and prefix length: IANA's special-purpose registry, multicast and class E. */
const closedV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]

function publicV4(address: number): boolean {
  return closedV4.every(([first, prefix]) => {
    const size = 2 ** (32 - prefix)
    return Math.floor(address / size) !== Math.floor((parseV4(first) as number) / size)
  })
}

/** The first three groups of an IPv6 address as numbers; the rest never decides. */
function headV6(text: string): [number, number, number] {
  const groups = text.startsWith('::') ? [] : (text.split('::')[0] as string).split(':')
  const at = (index: number) => Number.parseInt(groups[index] ?? '0', 16)
  return [at(0), at(1), at(2)]
}

/**
 * Only global unicast (2000::/3) is public, without what embeds other addresses (Teredo, 6to4) and what is for
 * documentation. Mapped (::ffff:…) and translated (64:ff9b::…) addresses lie outside of it, whatever they embed.
 */
function publicV6(text: string): boolean {
  const [first, second] = headV6(text)
  if (!(first >= 0x2000 && first <= 0x3fff)) return false
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return false
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000)
}

/** Whether an IP address, as a resolver or a parsed URL writes it, is a public one. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare.includes(':')) return /^[\da-f:]+$/.test(bare) && publicV6(bare)
  const v4 = parseV4(bare)
  return v4 !== undefined && publicV4(v4)
}

/** Names that mean this machine or this network, by their last label. */
const closedNames = new Set([
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'arpa',
])

/**
 * Whether a URL's `hostname` may be public: an address must be, a name needs a dot and a last label that is not
 * one of a private network. URL parsers have already written `0x7f.1`, `0177.0.0.1` and `2130706433` as 127.0.0.1.
 */
export function mayBePublicHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.+$/, '')
  const last = host.slice(host.lastIndexOf('.') + 1)
  if (host.startsWith('[') || /^(\d+|0x[\da-f]*)$/.test(last)) return isPublicAddress(host)
  return host.includes('.') && !closedNames.has(last)
}
