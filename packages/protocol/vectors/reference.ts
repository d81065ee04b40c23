/** The bucketing once more, from its definition, with big integers and bytes: what the vectors are computed with. */

/** Text with lone surrogates replaced, found by walking code units. */
export function repaired(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const next = text.charCodeAt(i + 1)
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) out += text[i]! + text[++i]!
    else out += unit >= 0xd800 && unit <= 0xdfff ? '\ufffd' : text[i]!
  }
  return out
}

const mask = 0xffffffffn
const rotate = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (32n - by))) & mask

/** MurmurHash3_x86_32 of bytes, seed 0, by its published description. */
export function murmur(bytes: Uint8Array): bigint {
  let hash = 0n
  const scramble = (word: bigint): bigint => (rotate((word * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask
  const whole = bytes.length - (bytes.length % 4)
  for (let i = 0; i < whole; i += 4) {
    const word = BigInt(new DataView(bytes.buffer, bytes.byteOffset).getUint32(i, true))
    hash = (rotate(hash ^ scramble(word), 13n) * 5n + 0xe6546b64n) & mask
  }
  let tail = 0n
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8n) | BigInt(bytes[i]!)
  if (bytes.length > whole) hash ^= scramble(tail)
  hash ^= BigInt(bytes.length)
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask
  return hash ^ (hash >> 16n)
}

function fnv(text: string): bigint {
  let hash = 0x811c9dc5n
  for (let i = 0; i < text.length; i++) hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x01000193n) & mask
  return hash
}

/** The bucket of a value by a seed and a version of the hash. */
export function referenceBucket(version: number, seed: string, value: string): number {
  const [s, v] = [repaired(seed), repaired(value)]
  if (version === 1) return Number(fnv(v + s) % 1000n) * 1000
  if (version === 2) return Number(fnv(fnv(s + v).toString()) % 10_000n) * 100
  return Number((murmur(Buffer.from(`${s}:${v}`, 'utf8')) * 1_000_000n) / 0x1_0000_0000n)
}

/** The arm of a bucket by weights and coverage in ppm, -1 outside: bounds as fractions, compared without division. */
export function referenceArm(bucket: number, weights: number[], coverage = 1_000_000): number {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  const rounded = (sum: bigint): bigint => {
    // The largest integer b with b ≤ 10⁶·sum/total + ½, that is 2·b·total ≤ 2·10⁶·sum + total.
    let low = 0n
    let high = 1_000_000n
    while (low < high) {
      const middle = (low + high + 1n) / 2n
      if (2n * middle * total <= 2_000_000n * sum + total) low = middle
      else high = middle - 1n
    }
    return low
  }
  let sum = 0n
  for (let i = 0; i < weights.length; i++) {
    const start = rounded(sum)
    sum += BigInt(weights[i]!)
    const width = ((rounded(sum) - start) * BigInt(coverage)) / 1_000_000n
    if (BigInt(bucket) >= start && BigInt(bucket) < start + width) return i
  }
  return -1
}
