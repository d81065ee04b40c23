import { describe, expect, it } from 'vitest'
import { normalOrigin, originAllowed } from './origin.ts'

describe('the normal form of', () => {
  it.each<[string, string | undefined]>([
    ['https://shop.example', 'https://shop.example'],
    ['HTTPS://Shop.Example/', 'https://shop.example'],
    ['https://shop.example:443', 'https://shop.example'],
    ['http://shop.example:8080', 'http://shop.example:8080'],
    ['https://가게.example', 'https://xn--o39akk.example'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['null', undefined],
    ['', undefined],
    ['shop.example', undefined],
    ['https://', undefined],
    ['https://a b', undefined],
    ['https://shop.example/path', undefined],
    ['https://shop.example?x', undefined],
    ['https://shop.example#x', undefined],
    ['https://user@shop.example', undefined],
    ['https://*.example', undefined],
    ['https://shop.example\\@evil.example', undefined],
    ['file:///tmp', undefined],
  ])('%s is %s', (text, normal) => {
    expect(normalOrigin(text)).toBe(normal)
  })
})

it('a list allows what it names and nothing else; an empty one allows all', () => {
  expect(originAllowed('https://a.example', ['nonsense', 'https://a.example'])).toBe(true)
  expect(originAllowed('https://b.example', ['nonsense', 'https://a.example'])).toBe(false)
  expect(originAllowed('null', ['null'])).toBe(false)
  expect(originAllowed('null', [])).toBe(true)
})
