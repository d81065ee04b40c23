import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createTestClient } from '../testing.ts'
import { type RedactOptions, redact } from './redact.ts'

const page = {
  url: 'https://shop.test/p?Token=abc&sku=1#/r?email=a%40b.test&x=2',
  referrer: 'https://mail.test/?q=ann@mail.test',
  title: 'Order of ann@mail.test',
}
const open = (options: RedactOptions, here: { url: string } = page) =>
  createTestClient({ use: [redact(options)], environment: { page: () => ({ ...here }) } })

/** What one event becomes. */
function event(options: RedactOptions, properties?: Record<string, unknown>, here?: { url: string }) {
  const nunchi = open(options, here)
  nunchi.track('a', properties)
  return nunchi.events[0]!
}

describe('a redaction that fails', () => {
  it.each([
    [
      'a custom that throws',
      {
        custom: () => {
          throw new Error('broken')
        },
      },
      {},
    ],
    [
      'a getter that throws',
      {},
      {
        get inner() {
          throw new Error('broken')
        },
      },
    ],
  ] as const)(
    '(%s) is told once; the event is stored without what may say too much',
    async (_what, options, inner) => {
      const nunchi = open(options)
      expect(await nunchi.track('first', { secret: 'abc', deep: inner })).toEqual({ durable: true })
      nunchi.page('/p?token=abc')
      expect(nunchi.problems.map(([code]) => code)).toContain('redaction_failed')
      expect(nunchi.events[0]).not.toHaveProperty('properties')
      expect(nunchi.events[0]!.page).toEqual({ url: 'https://shop.test/p', referrer: 'https://mail.test/' })
      if ('custom' in options) expect(nunchi.events[1]!.name).toBe('/p')
    },
  )

  it('because of an option of no use takes out as much, of every event', async () => {
    const nunchi = open({ properties: 7 as unknown as string[], query: null as unknown as string[] })
    expect(nunchi.problems.map(([code]) => code)).toEqual(['option_invalid'])
    expect(await nunchi.track('a', { secret: 1 })).toEqual({ durable: true })
    expect(nunchi.events[0]).not.toHaveProperty('properties')
    expect(nunchi.events[0]!.page?.url).toBe('https://shop.test/p')
  })
})

describe('redaction', () => {
  it('masks the values of the named parameters, whatever their case, also behind #', () => {
    expect(event({ query: ['token', 'EMAIL'] }).page?.url).toBe(
      'https://shop.test/p?Token=REDACTED&sku=1#/r?email=REDACTED&x=2',
    )
  })

  it('masks every value, and takes a query without names out', () => {
    expect(event({ query: 'all' }).page?.url).toBe(
      'https://shop.test/p?Token=REDACTED&sku=REDACTED#/r?email=REDACTED&x=REDACTED',
    )
    expect(event({ query: 'all' }, {}, { url: 'https://a.test/p?eyJhbGciOi#top' }).page?.url).toBe(
      'https://a.test/p#top',
    )
  })

  it('knows a name that is written in percent signs', () => {
    expect(event({ query: ['token'] }, {}, { url: 'https://a.test/?%74oken=x&%E0%A4=y' }).page?.url).toBe(
      'https://a.test/?%74oken=REDACTED&%E0%A4=y',
    )
  })

  it('masks addresses in properties like those of the page', () => {
    const { properties } = event({ query: ['token'] }, { from: '/p?token=abc', list: [{ to: '?token=x' }] })
    expect(properties).toEqual({ from: '/p?token=REDACTED', list: [{ to: '?token=REDACTED' }] })
  })

  it('masks the values of keys at any depth, by name or pattern', () => {
    const said = { Password: 'x', user: { phoneNumber: 1, name: 'Ann', cards: [{ cvc: '123' }] } }
    expect(event({ properties: ['password', /phone/gi, 'cvc'] }, said).properties).toEqual({
      Password: 'REDACTED',
      user: { phoneNumber: 'REDACTED', name: 'Ann', cards: [{ cvc: 'REDACTED' }] },
    })
  })

  it('masks e-mail addresses wherever they stand: addresses, titles, names, properties, traits', () => {
    const nunchi = open({ emails: true })
    nunchi.page('/users/ann@mail.test/edit')
    nunchi.identify('42', { contact: 'Ann <ann.b+c@mail.test>', of: '홍길동@회사.한국' })
    expect(nunchi.events[0]).toMatchObject({
      name: '/users/REDACTED/edit',
      page: {
        url: 'https://shop.test/p?Token=abc&sku=1#/r?email=REDACTED&x=2',
        referrer: 'https://mail.test/?q=REDACTED',
        title: 'Order of REDACTED',
      },
    })
    expect(nunchi.events[1]).toMatchObject({
      userId: '42',
      properties: { contact: 'Ann <REDACTED>', of: 'REDACTED' },
    })
  })

  it('leaves no e-mail address that stands between blanks', () => {
    const word = fc.stringMatching(/^[a-z0-9.+_-]{1,40}$/)
    const address = fc.tuple(word, fc.stringMatching(/^[a-z0-9-]{1,30}$/), fc.stringMatching(/^[a-z]{2,12}$/))
    fc.assert(
      fc.property(address, fc.lorem(), ([who, host, top], text) => {
        const mail = `${who}@${host}.${top}`
        const { properties } = event({ emails: true }, { text: `${text} ${mail} ${text}` })
        expect(`${properties?.['text']}`).not.toContain('@')
      }),
    )
  })

  it('takes no long time over any text', () => {
    const long = {
      a: 'a'.repeat(30_000),
      b: '@'.repeat(30_000),
      c: 'a@'.repeat(15_000),
      d: '?a='.repeat(10_000),
    }
    const before = performance.now()
    event({ emails: true, query: 'all' }, long)
    // A pattern that backtracks would take minutes.
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  it('changes nothing of the caller’s, and writes dates and the like as JSON has them', () => {
    const said = { at: new Date(0), inner: { secret: 1 }, none: null, big: 1n }
    const { properties } = event({ properties: ['secret'] }, said)
    expect(properties).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      inner: { secret: 'REDACTED' },
      none: null,
      big: 1n,
    })
    expect(said.inner).toEqual({ secret: 1 })
  })

  it('cuts a circle off instead of following it', async () => {
    const circle: Record<string, unknown> = { name: 'x' }
    circle['self'] = circle
    const nunchi = open({ emails: true })
    expect(await nunchi.track('a', { circle })).toEqual({ durable: true })
    expect(nunchi.problems).toEqual([])
  })

  it('comes after every other plugin, wherever it stands; listeners see what it left', () => {
    const late = {
      name: 'late',
      setup: ({ on }: Parameters<ReturnType<typeof redact>['setup']>[0]) =>
        void on('event', (event) => {
          event.userContext = { mail: 'ann@mail.test' }
        }),
    }
    const seen = vi.fn()
    const nunchi = createTestClient({ use: [redact({ emails: true }), late] })
    nunchi.on((stage, detail) => stage === 'event' && seen(detail))
    nunchi.track('a')
    expect(seen).toHaveBeenCalledWith(expect.objectContaining({ userContext: { mail: 'REDACTED' } }))
  })

  it('ends with a function of yours, which may drop the event', async () => {
    const nunchi = open({
      custom: (event) => {
        event.name = 'changed'
        return event.type !== 'page'
      },
    })
    nunchi.track('a')
    expect(await nunchi.page('/')).toEqual({ durable: false })
    expect(nunchi.events.map(({ name }) => name)).toEqual(['changed'])
  })
})
