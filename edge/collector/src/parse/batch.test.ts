import { type Event, limits, uuidv7 } from '@nunchi/protocol'
import { eventSchema } from '@nunchi/protocol/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../problem.ts'
import { type ParsedBatch, parseBatch } from './batch.ts'

const id = uuidv7()
const batchId = '0193a5b0-0000-7000-8000-00000000000f'
const sentAt = 1_732_000_000_000

const good = (more: object = {}) => ({
  id: id(),
  type: 'track',
  name: 'Product Added',
  ts: sentAt - 1000,
  tab: 't1',
  seq: 0,
  anonymousId: 'a1',
  sdk: 'nunchi/0.1.0',
  ...more,
})

const parse = (body: string): ParsedBatch => parseBatch(body, new TextEncoder().encode(body).length)
const parseEvents = (...events: unknown[]): ParsedBatch =>
  parse(JSON.stringify({ id: batchId, sentAt, context: {}, events }))
const raw = (event: string): ParsedBatch =>
  parse(`{"id":"${batchId}","sentAt":${sentAt},"context":{},"events":[${event},${JSON.stringify(good())}]}`)

function codeOf(body: string): string {
  try {
    parse(body)
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    return (error as Problem).code
  }
  return 'none'
}

describe('a body that is no batch', () => {
  it.each([
    ['', 'body_not_json'],
    ['{"id":', 'body_not_json'],
    ['<html>', 'body_not_json'],
    ['[]', 'batch_malformed'],
    ['null', 'batch_malformed'],
    ['"text"', 'batch_malformed'],
    ['{}', 'batch_malformed'],
    [`{"id":"x","sentAt":${sentAt},"events":[]}`, 'batch_malformed'],
    [`{"id":"${batchId}","sentAt":"now","events":[]}`, 'batch_malformed'],
    [`{"id":"${batchId}","sentAt":1e200000,"events":[]}`, 'batch_malformed'],
    [`{"id":"${batchId}","sentAt":-1,"events":[]}`, 'batch_malformed'],
    [`{"id":"${batchId}","sentAt":${sentAt},"events":{}}`, 'batch_malformed'],
    ['['.repeat(100_000), 'body_too_deep'],
    ['{"a":'.repeat(100_000), 'body_too_deep'],
  ])('%.60s → %s', (body, code) => {
    expect(codeOf(body)).toBe(code)
  })

  it('may hold 500 events and not one more', () => {
    const many = (length: number) =>
      JSON.stringify({ id: batchId, sentAt, context: {}, events: Array.from({ length }, () => good()) })
    expect(parse(many(500)).events).toHaveLength(500)
    expect(codeOf(many(501))).toBe('batch_too_many_events')
  })
})

describe('an event that is not as it should be', () => {
  it.each<[string, unknown, string]>([
    ['no object', 'text', 'event_malformed'],
    ['null', null, 'event_malformed'],
    ['an array', [], 'event_malformed'],
    ['an id of version 4', good({ id: '0193a5b0-0000-4000-8000-000000000000' }), 'event_id_invalid'],
    ['a number as id', good({ id: 7 }), 'event_id_invalid'],
    ['a type of its own', good({ type: 'click' }), 'event_type_unknown'],
    ['"constructor" as type', good({ type: 'constructor' }), 'event_type_unknown'],
    ['no name', good({ name: '' }), 'event_name_invalid'],
    ['a name of 9 kB', good({ name: 'x'.repeat(9000) }), 'event_name_invalid'],
    ['a date as time', good({ ts: '2025-02-30' }), 'event_time_invalid'],
    ["'infinity' as time", good({ ts: 'infinity' }), 'event_time_invalid'],
    ["'now' as time", good({ ts: 'now' }), 'event_time_invalid'],
    ['the year 275760', good({ ts: 8.64e15 }), 'event_time_invalid'],
    ['a time before 1970', good({ ts: -1 }), 'event_time_invalid'],
    ['an age of 31 days', good({ ts: sentAt - 31 * 86_400_000 }), 'event_too_old'],
    ['no tab', good({ tab: undefined }), 'event_field_invalid'],
    ['a negative seq', good({ seq: -1 }), 'event_field_invalid'],
    ['a broken seq', good({ seq: 1.5 }), 'event_field_invalid'],
    ['no sdk', good({ sdk: undefined }), 'event_field_invalid'],
    ['a number as userId', good({ userId: 42 }), 'event_field_invalid'],
    ['an id of 257 characters', good({ sessionId: 'x'.repeat(257) }), 'event_field_invalid'],
    ['no visitor', good({ anonymousId: undefined }), 'event_no_visitor'],
    ['an empty visitor', good({ anonymousId: '' }), 'event_no_visitor'],
    ['a text as page', good({ page: 'https://a.example' }), 'event_field_invalid'],
    ['a page without address', good({ page: { title: 'x' } }), 'event_field_invalid'],
    ['an array as properties', good({ properties: [] }), 'event_field_invalid'],
    [
      '1,001 keys over two contexts',
      good({ properties: { a: Array(600).fill(0) }, userContext: { a: Array(400).fill(0) } }),
      'event_too_many_keys',
    ],
    ['33 kB', good({ properties: { text: 'x'.repeat(33_000) } }), 'event_too_large'],
    ['33 kB of Korean', good({ properties: { text: '가'.repeat(11_000) } }), 'event_too_large'],
  ])('security 15: %s: is refused alone, and by name', (_, bad, code) => {
    const { events, positions, rejects } = parseEvents(good(), bad, good())
    expect(positions).toEqual([0, 2])
    expect(events).toHaveLength(2)
    const [reject] = rejects
    expect(reject?.rejection).toMatchObject({
      index: 1,
      code,
      docs: `https://nunchi.dev/docs/errors#${code}`,
    })
    expect(reject?.rejection.detail).toMatch(/^events\[1\].*\.$/)
    expect(reject?.rejection.fix).not.toBe('')
    expect(JSON.stringify(bad).startsWith(reject?.event ?? 'nothing')).toBe(true)
  })

  it('17 levels of properties are refused, 16 are kept', () => {
    const deep = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`
    const with_ = (depth: number) => JSON.stringify(good()).replace(/}$/, `,"properties":${deep(depth)}}`)
    expect(raw(with_(17)).rejects[0]?.rejection.code).toBe('event_too_deep')
    expect(raw(with_(16)).rejects).toEqual([])
  })

  it('security 13: 100,000 keys are refused alone', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join(',')
    const { events, rejects } = raw(JSON.stringify(good()).replace(/}$/, `,"properties":{${keys}}}`))
    expect(rejects[0]?.rejection.code).toBe('event_too_many_keys')
    expect(events).toHaveLength(1)
  })

  it('an event of exactly 32,768 bytes is kept', () => {
    const shell = JSON.stringify(good({ properties: { t: '' } })).length
    const fits = parseEvents(good({ properties: { t: 'x'.repeat(limits.maxEventBytes - shell) } }))
    expect(fits.rejects).toEqual([])
    const over = parseEvents(good({ properties: { t: 'x'.repeat(limits.maxEventBytes - shell + 1) } }))
    expect(over.rejects[0]?.rejection.code).toBe('event_too_large')
  })
})

describe('an event that is taken', () => {
  it('security 19: carries its own fields only: a sender cannot set what is not its own', () => {
    const claim = {
      project_id: 'p2',
      projectId: 'p2',
      role: 'admin',
      received_at: 0,
      ip: '1.2.3.4',
      internal: true,
    }
    const [event] = parseEvents(good(claim)).events
    expect(Object.keys(event ?? {}).sort()).toEqual(Object.keys(good()).sort())
  })

  it('security 14: keeps __proto__ and constructor as plain data, and changes no prototype', () => {
    const { events } = raw(
      JSON.stringify(good()).replace(
        /}$/,
        ',"__proto__":{"polluted":1},"properties":{"__proto__":{"polluted":1,"n":1e999},"constructor":{"prototype":{"polluted":1}}}}',
      ),
    )
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect((events[0] as { polluted?: unknown }).polluted).toBeUndefined()
    expect(JSON.stringify(events[0]?.properties)).toBe(
      '{"__proto__":{"polluted":1,"n":null},"constructor":{"prototype":{"polluted":1}}}',
    )
  })

  it.each([
    ['"\\u0000"', '\ufffd'],
    ['"a\\ud800b"', 'a\ufffdb'],
    ['"\\udc00\\ud800"', '\ufffd\ufffd'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\\\u0000"', '\\u0000'],
    ['"가\\uac00"', '가가'],
    ['1e200000', null],
    ['-1e400', null],
    ['1e308', 1e308],
  ])('%s is stored as %j', (json, stored) => {
    const event = (text: string) => JSON.stringify(good({ properties: { v: 0 } })).replace('"v":0', text)
    expect(raw(event(`"v":${json}`)).events[0]?.properties).toEqual({ v: stored })
  })

  it('has clean keys too', () => {
    const body = JSON.stringify(good({ properties: { v: 0 } })).replace('"v"', '"a\\u0000\\ud800"')
    expect(raw(body).events[0]?.properties).toEqual({ 'a\ufffd\ufffd': 0 })
  })

  it('has its parts of a millisecond and its empty ids left out, and its long address cut between characters', () => {
    const url = `https://a.example/x${'😀'.repeat(3000)}`
    const [event] = parseEvents(
      good({ ts: sentAt + 0.75, userId: null, groupId: '', page: { url, title: 5 } }),
    ).events
    expect(event?.ts).toBe(sentAt)
    expect(event).not.toHaveProperty('userId')
    expect(event).not.toHaveProperty('groupId')
    expect(event?.page?.url.length).toBeLessThanOrEqual(limits.maxUrlLength)
    expect(event?.page?.url.isWellFormed()).toBe(true)
    expect(event?.page).not.toHaveProperty('title')
  })

  it('may be ten years ahead or behind, where the whole sender is', () => {
    const behind = sentAt - 10 * 365 * 86_400_000
    const body = { id: batchId, sentAt: behind, context: {}, events: [good({ ts: behind }), good()] }
    expect(parse(JSON.stringify(body)).events).toHaveLength(2)
  })

  it('keeps what would be SQL elsewhere as it is', () => {
    const name = "'; drop table events;--"
    const [event] = parseEvents(good({ name, properties: { [name]: name } })).events
    expect(event?.name).toBe(name)
    expect(event?.properties).toEqual({ [name]: name })
  })
})

describe('the rest of a batch', () => {
  it('is taken where it is as it should be, and costs no event where it is not', () => {
    const context = {
      locale: 'ko-KR',
      timezone: 9,
      screen: { width: 1280, height: 800 },
      device: [],
      role: 'admin',
    }
    const dropped = { store_full: 3, consent: -1, sampled: 'many', other: 5, too_old: 0 }
    const batch = parse(JSON.stringify({ id: batchId, sentAt, context, events: [good()], dropped }))
    expect(batch.context).toEqual({ locale: 'ko-KR', screen: { width: 1280, height: 800 } })
    expect(batch.dropped).toEqual({ store_full: 3 })
    expect(parse(JSON.stringify({ id: batchId, sentAt, events: [good()] })).events).toHaveLength(1)
  })
})

describe('the context, which every row of a batch keeps', () => {
  it('leaves a device out that would be more than 4,096 characters in each', () => {
    const contextOf = (text: string) =>
      parse(
        JSON.stringify({
          id: batchId,
          sentAt,
          context: { locale: 'ko', device: { text } },
          events: [good()],
        }),
      ).context
    expect(contextOf('x'.repeat(4_000))).toHaveProperty('device')
    expect(contextOf('x'.repeat(4_100))).toEqual({ locale: 'ko' })
  })
})

describe('whatever JSON comes', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud800', '__proto__', ''))
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      tie('list'),
      tie('record'),
    ),
    list: fc.array(tie('any'), { maxLength: 5 }),
    record: fc.dictionary(text, tie('any'), { maxKeys: 5 }),
  })).any
  const fields = [
    'id',
    'type',
    'name',
    'ts',
    'tab',
    'seq',
    'userId',
    'anonymousId',
    'page',
    'sdk',
    'properties',
    'userContext',
    'context',
  ]
  // A good event with some fields replaced by anything: what random JSON alone would never come near to.
  const almost = fc
    .dictionary(fc.constantFrom(...fields), value, { maxKeys: 2 })
    .map((changes) => ({ ...good({ properties: { a: 1 } }), ...changes }))
  const event = fc.oneof(almost, value)

  function texts(node: unknown): string[] {
    if (typeof node === 'string') return [node]
    if (typeof node !== 'object' || node === null) return []
    return Object.entries(node).flatMap(([key, item]) => [key, ...texts(item)])
  }

  function isStorable(stored: Event): void {
    expect(eventSchema.safeParse(stored).error).toBeUndefined()
    for (const one of texts(stored)) {
      expect(one).not.toContain('\0')
      expect(one.isWellFormed()).toBe(true)
    }
  }

  it('each event is either stored as the schema has it, or refused by name; none is lost, nothing throws', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), value, value, (events, context, dropped) => {
        const { positions, rejects, ...batch } = parse(
          JSON.stringify({ id: batchId, sentAt, context, events, dropped }),
        )
        for (const one of batch.events) isStorable(one)
        expect([...positions, ...rejects.map((one) => one.rejection.index)].sort((a, b) => a - b)).toEqual([
          ...events.keys(),
        ])
        for (const one of texts(rejects)) expect(one.isWellFormed() && !one.includes('\0')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('any text is a batch or a problem', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string({ unit: 'binary' }),
          value.map((one) => JSON.stringify(one) ?? ''),
        ),
        (body) => {
          expect(codeOf(body)).toMatch(/^(?:body_|batch_|none)/)
        },
      ),
    )
  })
})
