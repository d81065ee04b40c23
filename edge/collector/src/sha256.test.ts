import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { hex, sha256, sha256Hex } from './sha256.ts'

it.each(['', 'abc', '눈치 🍵'])('is the SHA-256 of %j', async (text) => {
  const hash = createHash('sha256').update(text)
  const known = hash.digest('hex')
  expect(await sha256Hex(text)).toBe(known)
  expect(hex(await sha256(text))).toBe(known)
})

it('writes small bytes with two digits', () => {
  expect(hex(Uint8Array.of(0, 10, 255))).toBe('000aff')
})
