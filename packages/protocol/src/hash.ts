/** MurmurHash3 of text, the hash of everything of ours. */

const mixWord = (word: number): number => {
  const k = Math.imul(word, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

/**
 * MurmurHash3 (x86, 32 bits; Austin Appleby, public domain) of the text's UTF-8 bytes. A lone surrogate counts as
 * U+FFFD, as `toWellFormed` and `TextEncoder` have it.
 *
 * @param seed an unsigned 32-bit integer
 * @returns an unsigned 32-bit integer
 */
export function murmur3(text: string, seed = 0): number {
  let bytes: Uint8Array | undefined
  let length = text.length
  let hash = seed
  let word = 0
  for (let i = 0; i < length; i++) {
    let byte = bytes ? bytes[i]! : text.charCodeAt(i)
    if (byte > 127 && !bytes) {
      // Nearly all ids are ASCII, whose code units are the bytes; up to here they were.
      bytes = new TextEncoder().encode(text)
      length = bytes.length
      byte = bytes[i]!
    }
    word |= byte << (8 * (i & 3))
    if ((i & 3) === 3) {
      hash ^= mixWord(word)
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
      word = 0
    }
  }
  hash ^= mixWord(word) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The text with every lone surrogate replaced by U+FFFD, as `toWellFormed` does it; old browsers lack that. */
export function wellFormed(text: string): string {
  // With the flag u, a surrogate that has its other half is no surrogate but part of a code point.
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd')
}
