/** The part of an address that may be kept: the network, not the household. */

/** The first groups of an IPv6 address, each in lower case without leading zeros; `undefined` where it is none. */
function groupsOf(address: string): string[] | undefined {
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const zeros = halves.length === 1 ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right]
  if (groups.length !== 8 || !groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return groups.map((group) => Number.parseInt(group, 16).toString(16))
}

/**
 * An address cut to its network: IPv4 to `/24`, IPv6 to `/48`; one written as IPv4 within IPv6 counts as IPv4. Ports,
 * brackets and zones are left out.
 *
 * @returns such as `203.0.113.0/24` or `2001:db8:1::/48`; `undefined` where the text is no address
 */
export function networkOf(address: string): string | undefined {
  const bare = address
    .trim()
    .slice(0, 64)
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/%.*$/, '')
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::\d+)?$/i.exec(bare)
  if (v4) {
    const bytes = v4.slice(1, 5).map(Number)
    return bytes.every((byte) => byte < 256) ? `${bytes.slice(0, 3).join('.')}.0/24` : undefined
  }
  const groups = groupsOf(bare)
  return groups && `${groups.slice(0, 3).join(':')}::/48`
}
