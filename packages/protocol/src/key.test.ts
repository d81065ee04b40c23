import { describe, expect, it } from 'vitest'
import { createKey, keyKind } from './key.ts'

describe('API keys', () => {
  it('are refused when any one character is mistyped', () => {
    const key = createKey('pub')
    for (let i = 0; i < key.length; i++) {
      const typo = key.slice(0, i) + (key[i] === 'x' ? 'y' : 'x') + key.slice(i + 1)
      expect(keyKind(typo), typo).toBeUndefined()
    }
  })

  it.each(['', 'nk_pub_', 'nk_adm_0000000000000000000000000000000000000', `${createKey('srv')}\n`])(
    '%j is none',
    (text) => {
      expect(keyKind(text)).toBeUndefined()
    },
  )

  it('name their kind, and never repeat', () => {
    expect(keyKind(createKey('pub'))).toBe('pub')
    expect(keyKind(createKey('srv'))).toBe('srv')
    expect(new Set(Array.from({ length: 1000 }, () => createKey('srv'))).size).toBe(1000)
  })
})
