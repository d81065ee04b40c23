import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readItem } from './read-item.ts'
import { isSafeUrl } from './safe-url.ts'

const good = { id: 'lamp', type: 'products', title: 'Lamp' }
const read = (more: object) => readItem({ ...good, ...more })
const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) })

describe('an item', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['a text', 'lamp', 'item_invalid', /no JSON object/],
    ['a list', [good], 'item_invalid', /no JSON object/],
    ['null', null, 'item_invalid', /no JSON object/],
    ['no id', { type: 'a', title: 'b' }, 'item_invalid', /^id must/],
    ['a number for an id', { ...good, id: 7 }, 'item_invalid', /^id must/],
    ['a blank id', { ...good, id: ' ' }, 'item_invalid', /^id must/],
    ['a long id', { ...good, id: 'x'.repeat(201) }, 'item_invalid', /^id must/],
    ['an id with NUL', { ...good, id: 'a\0' }, 'item_invalid', /^id must/],
    ['an id with a line end', { ...good, id: 'a\nb' }, 'item_invalid', /^id must/],
    ['half a character', { ...good, title: '\ud800' }, 'item_invalid', /^title must/],
    ['a type with a comma', { ...good, type: 'a,b' }, 'item_invalid', /^type must/],
    ['no title', { ...good, title: '' }, 'item_invalid', /^title must/],
    ['a script for an address', { ...good, url: 'javascript:alert(1)' }, 'item_url_invalid', /^url must/],
    [
      'data for an image',
      { ...good, image: 'data:image/svg+xml,<svg onload=1>' },
      'item_url_invalid',
      /^image must/,
    ],
    ['tags as text', { ...good, tags: 'a,b' }, 'item_invalid', /^tags must/],
    ['51 tags', { ...good, tags: Array.from({ length: 51 }, String) }, 'item_invalid', /^tags must/],
    ['a tag that is a number', { ...good, tags: [1] }, 'item_invalid', /^tags must/],
    ['text with NUL', { ...good, text: 'a\0' }, 'item_invalid', /^text must/],
    ['attributes as a list', { ...good, attributes: [] }, 'item_invalid', /^attributes must/],
    ['attributes 7 deep', { ...good, attributes: nested(7) }, 'item_too_large', /6 deep/],
    [
      '201 attributes',
      { ...good, attributes: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [i, 1])) },
      'item_too_large',
      /200 values/,
    ],
    [
      '16 kB of attributes',
      { ...good, attributes: { a: '가'.repeat(5_500) } },
      'item_too_large',
      /16384 bytes/,
    ],
    [
      'an infinite price',
      { ...good, attributes: { price: Number.POSITIVE_INFINITY } },
      'item_invalid',
      /beyond all bounds/,
    ],
    ['NUL in a name', { ...good, attributes: { 'a\0': 1 } }, 'item_invalid', /name with NUL/],
    ['"yes" for available', { ...good, available: 'yes' }, 'item_invalid', /^available must/],
    ['a field that is ours not', { ...good, price: 39 }, 'item_invalid', /no field "price"/],
    [
      'a field that every object has',
      JSON.parse('{"id":"a","type":"a","title":"a","__proto__":{}}'),
      'item_invalid',
      /no field "__proto__"/,
    ],
  ])('that is %s is refused, with its fix', (_what, value, code, said) => {
    const outcome = readItem(value) as { fault: { code: string; detail: string; fix: string } }
    expect(outcome.fault.code).toBe(code)
    expect(outcome.fault.detail).toMatch(said)
    expect(outcome.fault.fix).toMatch(/\.$/)
  })

  it('is taken as it is; null counts as absent, tags are named once, text is cut', () => {
    const attributes = JSON.parse('{"price":39,"brand":"Oak","__proto__":{"polluted":1}}')
    const outcome = read({
      url: '/lamp?colour=red#more',
      image: 'https://cdn.example/lamp.webp',
      tags: ['wood', ' wood ', '나무'],
      text: `${'x'.repeat(9_999)}😀`,
      attributes,
      available: false,
    }) as { item: { text: string; attributes: object } }
    expect(outcome.item).toMatchObject({
      ...good,
      url: '/lamp?colour=red#more',
      tags: ['wood', '나무'],
      available: false,
    })
    expect(outcome.item.text).toBe('x'.repeat(9_999))
    expect(JSON.stringify(outcome.item.attributes)).toBe(JSON.stringify(attributes))
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(read({ url: null, tags: null, attributes: null })).toEqual({ item: good })
  })

  it('is taken or refused whatever it is, and what is taken can be stored and is taken again as it is', () => {
    const anything = fc.record(
      Object.fromEntries(
        ['id', 'type', 'title', 'url', 'image', 'tags', 'text', 'attributes', 'available'].map((name) => [
          name,
          fc.jsonValue(),
        ]),
      ),
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          anything.map((one) => ({ ...good, attributes: one })),
        ),
        (value) => {
          const outcome = readItem(value)
          if (!('item' in outcome)) return
          expect(JSON.stringify(outcome.item)).not.toMatch(/\\u(0000|d[89a-f])/)
          expect(readItem(outcome.item)).toEqual(outcome)
        },
      ),
    )
  })
})

describe('an address', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://a.example/',
    '//evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    '\\\\evil.example',
    'https:/evil.example',
    'https://',
    'https://a b.example/',
    'lamp',
    '',
    `/${'x'.repeat(2_048)}`,
  ])('that is no link is not taken: %j', (text) => {
    expect(isSafeUrl(text)).toBe(false)
  })

  it.each([
    'https://shop.example/lamp',
    'HTTP://shop.example',
    '/',
    '/lamp/나무?a=b#c',
    'https://[::1]:8080/a',
  ])('that is one is taken: %s', (text) => {
    expect(isSafeUrl(text)).toBe(true)
  })
})
