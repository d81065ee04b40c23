/** Hashes of text: murmur3 for everything of ours, FNV-1a for those who come from GrowthBook. */

const mixWord = (word: number): number => {
  const k = Math.imul(word, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

/** The bytes of a code point in UTF-8, the first in the lowest 8 bits. */
function utf8(code: number): number {
  const last = 0x80 | (code & 63)
  if (code < 0x800) return (code >> 6) | 0xc0 | (last << 8)
  const middle = 0x80 | ((code >> 6) & 63)
  if (code < 0x10000) return (code >> 12) | 0xe0 | (middle << 8) | (last << 16)
  return (code >> 18) | 0xf0 | ((0x80 | ((code >> 12) & 63)) << 8) | (middle << 16) | (last << 24)
}

/**
 * MurmurHash3 (x86, 32 bits; Austin Appleby, public domain) of the text's UTF-8 bytes. A lone surrogate counts as
 * U+FFFD, as `toWellFormed` and `TextEncoder` have it.
 *
 * @param seed an unsigned 32-bit integer
 * @returns an unsigned 32-bit integer
 */
export function murmur3(text: string, seed = 0): number {
  let hash = seed
  let word = 0
  let length = 0
  for (let i = 0; i < text.length; i++) {
    let bytes = text.charCodeAt(i)
    if (bytes > 127) {
      const code = text.codePointAt(i)!
      if (code > 0xffff) i++
      bytes = utf8(code > 0xd7ff && code < 0xe000 ? 0xfffd : code)
    }
    do {
      word |= (bytes & 255) << (8 * (length & 3))
      if ((++length & 3) === 0) {
        hash ^= mixWord(word)
        hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
        word = 0
      }
      bytes >>>= 8
    } while (bytes)
  }
  hash ^= mixWord(word) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
