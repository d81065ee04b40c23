import { describe, expect, it } from 'vitest'
import { describeError } from './describe-error.ts'

const chromium = `TypeError: no price
    at pay (https://shop.example/app.js?v=1:10:5)
    at async https://cdn.example/lib.js#x:2:7
    at new Promise (<anonymous>)`
const firefox = `pay@https://shop.example/app.js?v=1:10:5
@https://cdn.example/lib.js:2:7`

describe('a thrown value is described', () => {
  it.each([
    ['Chromium', chromium],
    ['Firefox and Safari', firefox],
  ])('from the stack of %s, without message and queries', (_, stack) => {
    const error = Object.assign(new TypeError('no price'), { stack })
    const { stack: frames, ...rest } = describeError(error)
    expect(rest).toEqual({
      message: 'no price',
      name: 'TypeError',
      source: 'https://shop.example/app.js',
      line: 10,
      column: 5,
    })
    expect(frames!.split('\n')).toHaveLength(2)
    expect(frames).not.toMatch(/no price|\?v=1|#x/)
    expect(frames).toContain('https://cdn.example/lib.js:2:7')
  })

  it('with ten frames at most', () => {
    const stack = Array.from({ length: 50 }, (_, i) => `    at f (https://a.example/a.js:${i}:1)`).join('\n')
    expect(describeError({ message: 'deep', stack }).stack!.split('\n')).toHaveLength(10)
  })

  it('without a line as long as a book, over which the page would stand still', () => {
    const stack = `    at f (https://a.example/a.js:1:1)\n@${'a'.repeat(20_000)}:1:1`
    expect(describeError({ message: 'long', stack }).stack).toBe('at f (https://a.example/a.js:1:1)')
  })

  it.each([
    ['a text', 'a text', 'string'],
    [42, '42', 'number'],
    [Symbol('s'), 'Symbol(s)', 'symbol'],
    [undefined, '[object Undefined]', 'Error'],
    [null, '[object Null]', 'Error'],
    [{ secret: 'x' }, '[object Object]', 'Error'],
    [() => 'secret', '[object Function]', 'function'],
    [{ name: 'Own', message: 'said' }, 'said', 'Own'],
    [new DOMException('no', 'AbortError'), 'no', 'AbortError'],
  ])('%s: %s, %s', (thrown, message, name) => {
    expect(describeError(thrown)).toMatchObject({ message, name })
  })

  it('with the place that the browser saw, and what it said', () => {
    const event = {
      message: 'Script error.',
      filename: 'https://cdn.example/x.js?key=1#h',
      lineno: 3,
      colno: 4,
    } as ErrorEvent
    expect(describeError(null, event)).toEqual({
      message: 'Script error.',
      name: 'Error',
      source: 'https://cdn.example/x.js',
      line: 3,
      column: 4,
    })
    const inline = { ...event, filename: 'data:text/javascript,alert("secret")' }
    expect(describeError('x', inline).source).toBe('data:')
  })
})
