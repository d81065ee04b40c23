/** Makes requests to `/v1/events`: valid batches, mutated in known ways, so that it is known what must come of them. */
import { gzipSync } from 'node:zlib'
import { createKey } from '@nunchi/protocol'
import type { Random } from '../../../../../scripts/simulator/random.ts'
import {
  brokenValues,
  type Node,
  nastyValues,
  object,
  type Pairs,
  someText,
  someTree,
  write,
} from './json-text.ts'

/** One request to send. */
export interface Input {
  key: string
  query: string
  headers: Record<string, string>
  body: Uint8Array
  /** The mutations, for whoever reads a failure. */
  what: string[]
  /** Whether the batch must be acknowledged: only its events were mutated, if anything was. */
  mustAck: boolean
  /** The positions of events that nothing was done to: each must be stored. */
  intact: number[]
}

/** What a grammar needs to know of the world. */
export interface World {
  key: string
  now: number
  /** Ids sent before. */
  ids: string[]
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function someId(random: Random, { now, ids }: World): string {
  if (ids.length > 0 && random.chance(0.1)) return random.pick(ids)
  const at = random.chance(0.05) ? random.int(0, 2 ** 47) : now - random.int(0, 10_000)
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => random.int(0, 15).toString(16)).join('')
  const time = at.toString(16).padStart(12, '0')
  const id = `${time.slice(0, 8)}-${time.slice(8)}-${random.pick(['7', '7', '7', '8'])}${hex(3)}-${random.pick(['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`
  ids.push(id)
  if (ids.length > 200) ids.shift()
  return random.chance(0.05) ? id.toUpperCase() : id
}

function someEvent(random: Random, world: World, sentAt: number): Pairs {
  const tree = () =>
    ({ pairs: Array.from({ length: random.int(0, 4) }, () => [someText(random), someTree(random)]) }) as Pairs
  const event: { [field: string]: Node } = {
    id: someId(random, world),
    type: random.pick(['track', 'identify', 'page', 'group', 'alias']),
    name: `${someText(random)}!`,
    ts: Math.max(0, sentAt - random.int(0, 1_000_000)) + (random.chance(0.2) ? 0.5 : 0),
    tab: 'fuzz',
    seq: random.int(0, 2_147_483_647),
    anonymousId: `${someText(random)}-visitor`,
    sdk: 'fuzz/1',
  }
  if (random.chance(0.5)) event['properties'] = tree()
  if (random.chance(0.2)) event['page'] = object({ url: 'https://shop.example/차', title: someText(random) })
  if (random.chance(0.2)) event['userId'] = random.pick(['u1', '', null, '사람'])
  if (random.chance(0.2)) event['sessionId'] = 's1'
  for (const field of ['userContext', 'experimentContext', 'personalizationContext'])
    if (random.chance(0.1)) event[field] = tree()
  return object(event)
}

const strange = [
  'project_id',
  'projectId',
  'role',
  'received_at',
  'ip',
  'internal',
  '__proto__',
  'constructor',
  'toJSON',
  '',
  'ID',
  '\0',
  '\ud800',
]

/** Replaces, repeats, takes away or adds a field. */
function mutate(target: Pairs, random: Random, value: Node = random.pick(nastyValues)): string {
  // The free parts take any value, so there most can go wrong.
  const free = random.chance(0.3)
    ? target.pairs.findIndex(([name]) => /^(properties|page|device)$/.test(name))
    : -1
  const at = free >= 0 ? free : random.int(0, target.pairs.length - 1)
  const [field] = target.pairs[at] as [string, Node]
  const way = random.int(0, 4)
  if (way <= 1) target.pairs[at] = [field, value]
  else if (way === 2) target.pairs.splice(random.int(0, target.pairs.length), 0, [field, value])
  else if (way === 3) target.pairs.splice(at, 1)
  else target.pairs.push([random.pick(strange), value])
  return `${['replaced', 'replaced', 'repeated', 'removed', 'added beside'][way]} ${field}`
}

function damageBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.int(0, Math.max(0, bytes.length - 1))
  const to = Math.min(bytes.length, at + random.int(1, 40))
  const copy = bytes.slice()
  switch (random.int(0, 4)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      copy[at] = random.int(0, 255)
      return copy
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(to)])
    case 3:
      return Buffer.concat([copy.subarray(0, to), copy.subarray(at)])
    default:
      return Buffer.concat([
        copy.subarray(0, at),
        Buffer.from([random.pick([0, 0x22, 0x5c, 0x7b, 0xc0, 0xed, 0xff])]),
        copy.subarray(at),
      ])
  }
}

function compress(input: Input, random: Random): void {
  const announced = random.pick(['query', 'header', 'not'])
  if (announced === 'query') input.query += '&gzip=1'
  if (announced === 'header') input.headers['content-encoding'] = random.pick(['gzip', 'GZIP', ' x-gzip'])
  input.body = gzipSync(input.body, { level: random.pick([0, 1, 9]) })
  input.what.push(`gzip announced by ${announced}`)
  if (!random.chance(0.3)) return
  input.mustAck = false
  input.what.push('gzip damaged')
  input.body = random.chance(0.2) ? gzipSync(input.body) : damageBytes(input.body, random)
}

const agents = ['', 'Googlebot/2.1', 'x\t{"level":"error"}', '"; drop table x;--', 'é'.repeat(200)]

/** What surrounds the body: keys, headers, parameters. */
function surround(input: Input, random: Random): void {
  if (random.chance(0.25)) compress(input, random)
  if (random.chance(0.1))
    input.query += random.pick(['&ack=none&x=1', '&key=nk_pub_x', '&=&&%00', '&gzip=0', '&ack=ack'])
  if (random.chance(0.1))
    input.headers['origin'] = random.pick(['null', 'https://a.example', 'x', 'https://a.example:99999'])
  if (random.chance(0.1))
    input.headers['content-type'] = random.pick(['application/json', 'text/html', 'x/y; charset=utf-16'])
  if (random.chance(0.1)) input.headers['user-agent'] = random.pick(agents)
  if (random.chance(0.05))
    input.headers['x-forwarded-for'] = random.pick(['1.2.3.4, x', '::ffff:1.2.3.4', ',,,', '%'])
  const refuse = (what: string) => {
    input.mustAck = false
    input.what.push(what)
  }
  if (random.chance(0.02)) {
    input.headers['content-encoding'] = random.pick(['br', 'gzip, gzip', 'identity', 'deflate', '\u00ff'])
    refuse('content-encoding')
  }
  if (random.chance(0.02)) {
    input.key = random.pick([
      '',
      'x',
      createKey('pub'),
      createKey('srv'),
      '\0',
      `${input.key}0`,
      "' or 1=1--",
    ])
    refuse('key')
  }
  if (random.chance(0.01)) {
    input.headers['authorization'] = random.pick([
      'Basic x',
      'Bearer',
      'Bearer x',
      `Bearer ${createKey('srv')}`,
    ])
    refuse('authorization')
  }
}

function envelope(random: Random, world: World, sentAt: number, events: Pairs[]): Pairs {
  const context = object({
    locale: 'ko-KR',
    timezone: 'Asia/Seoul',
    screen: object({ width: 1280, height: 800 }),
  })
  if (random.chance(0.1)) mutate(context, random)
  const id = someId(random, { ...world, ids: [] })
  const batch = object({
    id,
    sentAt,
    context: random.chance(0.05) ? random.pick(nastyValues) : context,
    events,
  })
  if (random.chance(0.1))
    batch.pairs.push([
      'dropped',
      random.chance(0.5) ? object({ store_full: 3, too_old: 1 }) : random.pick(nastyValues),
    ])
  return batch
}

/** Makes the next request. */
export function makeInput(random: Random, world: World): Input {
  const years = random.chance(0.05) ? random.int(-40, 40) * 31_556_952_000 : 0
  const sentAt = Math.max(0, world.now + years - random.int(0, 60_000))
  const size = random.chance(0.02) ? random.pick([0, 100, 501]) : random.int(1, 6)
  const events = Array.from({ length: size }, () => someEvent(random, world, sentAt))
  const input: Input = {
    key: world.key,
    query: '',
    headers: {},
    body: bytesOf(''),
    what: [],
    mustAck: size < 500,
    intact: [],
  }
  const isIntact = events.map(() => true)
  if (size > 0 && random.chance(0.6))
    for (let i = random.int(1, 3); i > 0; i--) {
      const at = random.int(0, size - 1)
      isIntact[at] = false
      input.what.push(`events[${at}] ${mutate(events[at] as Pairs, random)}`)
    }
  // An event that is none at all, or the same one twice.
  if (random.chance(0.05)) {
    events.push(events[0] ?? object({ id: null }))
    isIntact.push(false)
  }
  const batch = envelope(random, world, sentAt, events)
  if (random.chance(0.08)) {
    input.mustAck = false
    input.what.push(`envelope ${mutate(batch, random)}`)
  }
  if (random.chance(0.05)) {
    input.mustAck = false
    const target = size > 0 ? (events[0] as Pairs) : batch
    input.what.push(`broken: ${mutate(target, random, { raw: random.pick(brokenValues) })}`)
  }
  input.body = bytesOf(write(batch, random))
  if (random.chance(0.1)) {
    input.mustAck = false
    input.what.push('body damaged')
    input.body = damageBytes(input.body, random)
  }
  if (random.chance(0.1)) input.query += '&ack=none'
  surround(input, random)
  if (input.body.length > 1_000_000) input.mustAck = false
  // Damage elsewhere may have reached any event.
  input.intact = !input.mustAck ? [] : isIntact.flatMap((intact, i) => (intact ? [i] : []))
  return input
}
