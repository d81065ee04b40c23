import { describe, expect, it } from 'vitest'
import { createTestClient } from '../testing.ts'
import { type SamplingOptions, sampling } from './sampling.ts'

/** A client of a visitor of its own. */
const visitor = (options: SamplingOptions) => createTestClient({ use: [sampling(options)] })

describe('sampling', () => {
  it.each([Number.NaN, -0.1, 1.5, '0.5' as unknown as number])(
    'by a rate of no use (%s) is named, and every event is stored',
    async (rate) => {
      const nunchi = createTestClient({ use: [sampling({ rate })] })
      expect(nunchi.problems).toEqual([['option_invalid', 'sampling({ rate })']])
      expect(await nunchi.track('a')).toEqual({ durable: true })
    },
  )

  it('keeps about the share of visitors that it says', () => {
    const visitors = Array.from({ length: 2000 }, () => visitor({ rate: 0.25 }))
    for (const nunchi of visitors) nunchi.track('a')
    const kept = visitors.filter(({ events }) => events.length > 0).length
    // Five standard deviations on each side.
    expect(kept).toBeGreaterThan(500 - 97)
    expect(kept).toBeLessThan(500 + 97)
  })

  it('keeps all of a visitor or nothing, on every page', () => {
    const nunchi = visitor({ rate: 0.5 })
    const other = createTestClient({
      use: [sampling({ rate: 0.5 }), { name: 'same', setup: ({ on }) => void on('event', () => {}) }],
    })
    for (let i = 0; i < 20; i++) {
      nunchi.track(`event-${i}`)
      nunchi.page(`/page-${i}`)
      other.track(`event-${i}`)
    }
    expect([0, 40]).toContain(nunchi.events.length)
    expect([0, 20]).toContain(other.events.length)
  })

  it('says on each sampled event for how many it stands, in userContext; rate 1 keeps all, rate 0 none', () => {
    const all = visitor({ rate: 1 })
    all.track('a', { own: true })
    expect(all.events).toMatchObject([{ userContext: { sampleRate: 1 }, properties: { own: true } }])
    const none = visitor({ rate: 0 })
    none.track('a')
    expect(none.events).toEqual([])
    // Meant so: nobody is warned.
    expect(none.problems).toEqual([])
  })

  it('never takes out who somebody is, nor what a plugin marks to be kept; they stand for themselves', async () => {
    const exposing = {
      name: 'exposing' as const,
      setup: ({ record }: Parameters<ReturnType<typeof sampling>['setup']>[0]) => ({
        expose: () =>
          record('track', 'Experiment Viewed', () => ({ experimentContext: { variant: 'b' } }), {
            keep: true,
          }),
      }),
    }
    const nunchi = createTestClient({ use: [sampling({ rate: 0 }), exposing] })
    nunchi.identify('person')
    nunchi.group('team')
    nunchi.alias('other')
    expect(await nunchi.exposing.expose()).toEqual({ durable: true })
    expect(nunchi.events.map(({ type }) => type)).toEqual(['identify', 'group', 'alias', 'track'])
    expect(nunchi.events.map(({ userContext }) => userContext)).toEqual([
      { newId: true },
      undefined,
      undefined,
      undefined,
    ])
    expect(nunchi.events[3]).toMatchObject({ experimentContext: { variant: 'b' } })
  })

  it('takes out the named events only, where names are given', () => {
    const nunchi = visitor({ rate: 0, events: ['Mouse Moved'] })
    nunchi.track('Mouse Moved')
    nunchi.track('Signed Up')
    expect(nunchi.events.map(({ name }) => name)).toEqual(['Signed Up'])
  })

  it('picks other visitors by another salt', () => {
    const pairs = Array.from({ length: 400 }, () => {
      const nunchi = createTestClient({
        use: [
          sampling({ rate: 0.5, events: ['a'] }),
          { ...sampling({ rate: 0.5, events: ['b'], salt: 'x' }), name: 'other' },
        ],
      })
      nunchi.track('a')
      nunchi.track('b')
      return nunchi.events.length
    })
    // Alike, they would be 0 or 2 only.
    expect(pairs.filter((kept) => kept === 1).length).toBeGreaterThan(130)
  })

  it('counts what it takes out, for the next batch to report', async () => {
    const bodies: { dropped?: object }[] = []
    const nunchi = createTestClient({
      use: [sampling({ rate: 0, events: ['out'] })],
      transport: async ({ body }) => {
        const batch = JSON.parse(`${body}`)
        bodies.push(batch)
        return { status: 202, body: { batch: batch.id } }
      },
    })
    nunchi.track('out')
    nunchi.track('out')
    nunchi.track('in')
    await nunchi.flush()
    expect(bodies[0]?.dropped).toEqual({ sampled: 2 })
  })
})
