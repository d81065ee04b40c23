import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestClient } from '../testing.ts'
import { type ErrorsOptions, errors } from './errors.ts'

let leave: (phase: 'leave') => void
let opened: { close(): unknown }[] = []

/** A client that watches the simulated page. */
function open(options?: ErrorsOptions) {
  const client = createTestClient({
    use: [errors(options)],
    environment: {
      watch(listener) {
        leave = listener
        return () => {}
      },
    },
  })
  opened.push(client)
  return client
}
const said = (client: ReturnType<typeof open>) => client.events.map(({ properties }) => properties!)

/** What a browser does when a script throws. */
function fail(error: unknown, message = `Uncaught ${error}`, place: object = {}): void {
  const where = { filename: `${location.origin}/app.js?v=1`, lineno: 10, colno: 5, ...place }
  dispatchEvent(new ErrorEvent('error', { error, message, ...where }))
}
/** What a browser does when nobody catches a promise. */
const reject = (reason: unknown) => dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }))
/** An error thrown at one place. */
function errorAt(message: string, line: number): Error {
  const stack = `Error: ${message}\n    at pay (${location.origin}/app.js?v=1:${line}:5)`
  return Object.assign(new Error(message), { stack })
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(async () => {
  for (const client of opened) client.close()
  opened = []
  vi.useRealTimers()
})

describe('errors', () => {
  it('record what a script throws, with its place and without its query', () => {
    const client = open()
    fail(errorAt('no price', 10))
    expect(client.events).toHaveLength(1)
    expect(client.events[0]).toMatchObject({ type: 'track', name: 'Error Occurred' })
    expect(said(client)[0]).toEqual({
      message: 'no price',
      name: 'Error',
      source: '/app.js',
      line: 10,
      column: 5,
      stack: `at pay (${location.origin}/app.js:10:5)`,
      handled: false,
      count: 1,
    })
  })

  it('record a promise that nobody catches, whatever it was rejected with', () => {
    const client = open()
    reject(errorAt('no stock', 3))
    reject('plain text')
    reject(undefined)
    reject({ secret: 'x' })
    expect(said(client)).toMatchObject([
      { message: 'no stock', source: '/app.js', line: 3 },
      { message: 'plain text', name: 'string' },
      { message: '[object Undefined]' },
      { message: '[object Object]' },
    ])
    expect(JSON.stringify(client.events)).not.toContain('secret')
  })

  it('say the same error once, and how often it came again when the page leaves', () => {
    const client = open()
    for (let i = 0; i < 5; i++) fail(errorAt(`item ${i} is gone`, 10))
    expect(said(client)).toHaveLength(1)
    leave('leave')
    expect(said(client).map(({ message, count }) => [message, count])).toEqual([
      ['item 0 is gone', 1],
      ['item 0 is gone', 4],
    ])
    leave('leave')
    expect(client.events).toHaveLength(2)
  })

  it('say once, and no more, that a script of another origin failed', () => {
    const client = open()
    for (let i = 0; i < 9; i++) fail(null, 'Script error.', { filename: '', lineno: 0, colno: 0 })
    leave('leave')
    expect(said(client)).toMatchObject([{ message: 'Script error.', count: 1 }])
  })

  it('are at most so many a page, and five in ten seconds', () => {
    const client = open({ limit: 7 })
    const storm = (from: number) => {
      for (let i = from; i < from + 20; i++) fail(errorAt('storm', i), '', { lineno: i })
      return client.events.length
    }
    expect(storm(100)).toBe(5)
    vi.advanceTimersByTime(10_001)
    expect(storm(200)).toBe(7)
    vi.advanceTimersByTime(10_001)
    expect(storm(300)).toBe(7)
  })

  it('hold neither addresses nor tokens, and are cut', () => {
    const client = open()
    fail(errorAt(`jane@mail.example has sk_live_4eC39HqLyjWDarjtT1zdp7dc ${'x '.repeat(5000)}`, 1))
    const [first] = said(client)
    expect(first!['message']).toMatch(/^\[email\] has \[token\] x/)
    expect(first!['message']).toHaveLength(500)
  })

  it('are changed or left out as the site says', () => {
    const client = open({
      redact: (text) => text.replace('Kim', '[name]'),
      ignore: ({ message }) => message.includes('ResizeObserver'),
    })
    fail(errorAt('Kim has no price', 1))
    fail(errorAt('ResizeObserver loop', 2), '', { lineno: 2 })
    expect(said(client).map(({ message }) => message)).toEqual(['[name] has no price'])
  })

  it('leave out a visitor’s extensions', () => {
    const client = open()
    fail(new Error('theirs'), '', { filename: 'chrome-extension://abc/inject.js' })
    fail(new Error('theirs'), '', { filename: 'moz-extension://abc/inject.js' })
    expect(client.events).toEqual([])
  })
})

describe('client.errors.capture()', () => {
  it('records what the page caught, with its own properties', () => {
    const client = open()
    client.errors.capture(errorAt('declined', 4), { orderId: 'o-1', message: 'mine' })
    expect(said(client)[0]).toMatchObject({ message: 'declined', orderId: 'o-1', handled: true, line: 4 })
  })

  it('throws nothing, whatever it is given', () => {
    const client = open()
    const evil = {
      get message() {
        throw new Error('trap')
      },
    }
    const trap = {
      get a() {
        throw new Error('trap')
      },
    }
    client.errors.capture(evil)
    client.errors.capture(Object.create(null))
    client.errors.capture(Symbol('s'), trap)
    expect(said(client).map(({ message }) => message)).toEqual(['[object Object]', 'Symbol(s)'])
    expect(client.problems.map(([code]) => code)).toContain('plugin_failed')
  })
})

describe('errors while errors are recorded', () => {
  it('are not recorded: what fails then would fail for ever', () => {
    const client = open()
    client.on((stage) => {
      if (stage === 'event')
        fail(errorAt('inner', client.events.length), '', { lineno: client.events.length })
    })
    fail(errorAt('outer', 1))
    expect(said(client).map(({ message }) => message)).toEqual(['outer'])
  })

  it.each(['redact', 'ignore'] as const)(
    'by a %s that throws: one problem, and the error is stored',
    (option) => {
      const client = open({
        [option]: () => {
          throw new Error('no')
        },
      })
      fail(errorAt('kept', 1))
      expect(said(client)).toMatchObject([{ message: 'kept' }])
      expect(client.problems.map(([code]) => code)).toContain('plugin_failed')
    },
  )
})

describe('the page', () => {
  it('keeps its own handlers, which see and may prevent what they did', () => {
    const handler = vi.fn(() => true)
    window.onerror = handler
    const client = open()
    fail(errorAt('seen by both', 1))
    expect(window.onerror).toBe(handler)
    expect(handler).toHaveBeenCalledOnce()
    expect(client.events).toHaveLength(1)
    window.onerror = null
  })

  it('gives a bad limit: one problem, and ten errors', () => {
    const client = open({ limit: 'many' as never })
    expect(client.problems).toEqual([['option_invalid', 'errors.limit']])
    fail(errorAt('kept', 1))
    expect(client.events).toHaveLength(1)
  })

  it('is left alone once the client is closed', () => {
    const client = open()
    client.close()
    fail(errorAt('after', 1))
    expect(client.events).toEqual([])
  })
})
