import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import type { Ack, Batch, Context, Event, Page, ProblemBody, Rejection } from './index.ts'
import {
  type ackSchema,
  batchSchema,
  type contextSchema,
  eventSchema,
  pageSchema,
  type problemSchema,
  proven,
  type rejectionSchema,
} from './schemas.ts'

const event: Event = {
  id: '0193a5b0-0000-7000-8000-000000000000',
  type: 'track',
  name: 'Product Added',
  ts: 1_732_000_000_000,
  tab: 't1',
  seq: 0,
  anonymousId: 'a1',
  sdk: 'nunchi/0.1.0',
}

function nested(depth: number): Event['properties'] & {} {
  let value: { a?: unknown } = {}
  for (let i = 1; i < depth; i++) value = { a: value }
  return value as Event['properties'] & {}
}

describe('the schemas', () => {
  it('describe exactly the hand-written types', () => {
    expectTypeOf<z.infer<typeof eventSchema>>().toEqualTypeOf<Event>()
    expectTypeOf<z.infer<typeof batchSchema>>().toEqualTypeOf<Batch>()
    expectTypeOf<z.infer<typeof contextSchema>>().toEqualTypeOf<Context>()
    expectTypeOf<z.infer<typeof pageSchema>>().toEqualTypeOf<Page>()
    expectTypeOf<z.infer<typeof ackSchema>>().toEqualTypeOf<Ack>()
    expectTypeOf<z.infer<typeof rejectionSchema>>().toEqualTypeOf<Rejection>()
    expectTypeOf<z.infer<typeof problemSchema>>().toEqualTypeOf<ProblemBody>()
  })

  it('do not compile when a field is missing, too many, or optional on one side only', () => {
    const url = z.string()
    const rest = { referrer: z.string().exactOptional(), title: z.string().exactOptional() }
    proven<Page>()(z.object({ url, ...rest }))
    // @ts-expect-error `title` is missing
    proven<Page>()(z.object({ url, referrer: rest.referrer }))
    // @ts-expect-error `lang` is too many
    proven<Page>()(z.object({ url, ...rest, lang: z.string() }))
    // @ts-expect-error `url` is not optional
    proven<Page>()(z.object({ url: url.exactOptional(), ...rest }))
    // @ts-expect-error `title: undefined` is not the same as no title
    proven<Page>()(z.object({ url, referrer: rest.referrer, title: z.string().optional() }))
    expect(pageSchema.safeParse({ url: 'https://a.example/' }).success).toBe(true)
  })

  it.each<[string, object]>([
    ['an id of version 4', { id: '0193a5b0-0000-4000-8000-000000000000' }],
    ['no name', { name: '' }],
    ['a name of 201 characters', { name: 'x'.repeat(201) }],
    ['a time in seconds with a fraction', { ts: 0.5 }],
    ['a time as text', { ts: '2025-02-30' }],
    ['the year 275760', { ts: 8.64e15 }],
    ['a type of its own', { type: 'click' }],
    ['nobody', { anonymousId: undefined }],
    ['properties 17 deep', { properties: nested(17) }],
    ['1,001 keys', { properties: { list: Array(1000).fill(0) } }],
    ['a page without address', { page: { title: 'x' } }],
  ])('refuse an event with %s', (_, fault) => {
    expect(eventSchema.safeParse({ ...event, ...fault }).success).toBe(false)
  })

  it('take an event with everything', () => {
    const full: Event = {
      ...event,
      userId: 'u1',
      sessionId: 's1',
      page: { url: 'https://a.example/', title: '가게' },
      properties: nested(16),
      userContext: { list: Array(900).fill(0) },
    }
    expect(eventSchema.parse(full)).toEqual(full)
    const batch: Batch = {
      id: full.id,
      sentAt: full.ts,
      context: {},
      events: [full],
      dropped: { consent: 1 },
    }
    expect(batchSchema.parse(batch)).toEqual(batch)
    expect(batchSchema.safeParse({ ...batch, events: Array(501).fill(full) }).success).toBe(false)
  })
})
