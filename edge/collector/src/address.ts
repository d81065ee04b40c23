/** Who is calling: the client's address behind a known number of proxies, and the group that limits count it in. */

/**
 * The client's address.
 *
 * Every proxy appends the address it was called from to `X-Forwarded-For`, so only the entries that our own
 * proxies wrote can be believed: the rightmost ones. What stands further left came from the client.
 *
 * @param remote the address of the connection itself
 * @param forwarded the `X-Forwarded-For` header
 * @param trustedProxies how many proxies of ours stand before the collector
 */
export function clientAddress(
  remote: string | undefined,
  forwarded: string | null | undefined,
  trustedProxies: number,
): string | undefined {
  if (trustedProxies <= 0 || !forwarded) return remote
  const hops = forwarded.split(',').map((hop) => hop.trim())
  return hops[Math.max(0, hops.length - trustedProxies)] || remote
}

/** The first four groups of an IPv6 address, however it is written. */
function prefix64(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/**
 * What a limiter counts an address as: an IPv4 address alone, an IPv6 address by its /64, because one household
 * or one rented machine has a whole /64 to itself. Ports, brackets and zones are left out; what is no address
 * shares one group.
 */
export function addressGroup(address: string | undefined): string {
  const bare = /^\[?([\d.a-f:]{2,45})/i.exec(address ?? '')?.[1]?.toLowerCase() ?? ''
  const v4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(bare)?.[1]
  if (v4) return v4
  return bare.includes(':') && !bare.includes('.') ? prefix64(bare) : 'unknown'
}
