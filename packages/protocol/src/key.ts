/** API keys: `nk_pub_…` for pages, `nk_srv_…` for servers, each ending in a checksum. */

/** `pub` stands in pages and may be seen by anyone; `srv` stays on servers. */
export type KeyKind = 'pub' | 'srv'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const secretLength = 30
const checkLength = 6

/** CRC-32 (IEEE 802.3, reflected) of ASCII text. */
function crc32(text: string): number {
  let crc = -1
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

function checksum(text: string): string {
  let rest = crc32(text)
  let out = ''
  for (let i = 0; i < checkLength; i++) {
    out = alphabet.charAt(rest % 62) + out
    rest = Math.floor(rest / 62)
  }
  return out
}

/** Makes a new key with 178 random bits and a checksum of 6 characters. */
export function createKey(kind: KeyKind): string {
  let body = `nk_${kind}_`
  const length = body.length + secretLength
  while (body.length < length)
    // 248 is the largest multiple of 62 in a byte: rejecting the rest keeps letters equally likely.
    for (const byte of crypto.getRandomValues(new Uint8Array(secretLength)))
      if (byte < 248 && body.length < length) body += alphabet.charAt(byte % 62)
  return body + checksum(body)
}

/**
 * Reads a key's kind, and finds typing errors without a look-up.
 *
 * @returns `undefined` where the text is not a key or its checksum does not fit
 */
export function keyKind(key: string): KeyKind | undefined {
  const kind = /^nk_(pub|srv)_[\dA-Za-z]{36}$/.exec(key)?.[1]
  return kind && checksum(key.slice(0, -checkLength)) === key.slice(-checkLength)
    ? (kind as KeyKind)
    : undefined
}
