import { createKey } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { problemOf, type Rig, rig, someBatch } from '../../test/rig.ts'

const rateLimit = { key: { perSecond: 10, burst: 20 }, client: { perSecond: 1, burst: 5 } }

const statuses = async (times: number, send: () => Promise<Response>): Promise<number[]> => {
  const all: number[] = []
  for (let i = 0; i < times; i++) all.push((await send()).status)
  return all
}

async function still(options: object = {}): Promise<Rig & { tick(ms: number): void }> {
  let clock = 1_732_000_000_000
  const it = await rig({ now: () => clock, rateLimit, ...options })
  const tick = (ms: number): void => {
    clock += ms
  }
  return { ...it, tick }
}

describe('a client that sends too much', () => {
  it('security 23: gets 429 with Retry-After, and is served again after that time; others never notice', async () => {
    const { post, tick } = await still()
    expect(await statuses(6, () => post(someBatch()))).toEqual([202, 202, 202, 202, 202, 429])
    const refused = await post(someBatch())
    expect((await problemOf(refused)).code).toBe('rate_limited')
    expect((await post(someBatch(), { from: '203.0.113.8' })).status).toBe(202)
    tick(Number(refused.headers.get('retry-after')) * 1000)
    expect((await post(someBatch())).status).toBe(202)
  })

  it('security 24: cannot hide behind a made-up X-Forwarded-For', async () => {
    for (const trustedProxies of [0, 1]) {
      const { post } = await still({ trustedProxies })
      let n = 0
      const send = () =>
        post(someBatch(), { from: '10.0.0.1', headers: { 'x-forwarded-for': `1.2.3.${n++}, 203.0.113.7` } })
      expect((await statuses(6, send)).at(-1)).toBe(429)
    }
  })

  it('is told apart from others behind the same trusted proxy', async () => {
    const { post } = await still({ trustedProxies: 1 })
    let n = 0
    const send = () =>
      post(someBatch(), { from: '10.0.0.1', headers: { 'x-forwarded-for': `203.0.113.${n++}` } })
    expect(new Set(await statuses(10, send))).toEqual(new Set([202]))
  })

  it('security 24: is one within its IPv6 /64', async () => {
    const { post } = await still()
    let n = 0
    expect((await statuses(6, () => post(someBatch(), { from: `2001:db8:1:2::${++n}` }))).at(-1)).toBe(429)
    expect((await post(someBatch(), { from: '2001:db8:1:3::1' })).status).toBe(202)
  })

  it('is not limited by an address that the runtime does not tell', async () => {
    const { post } = await still()
    expect(new Set(await statuses(10, () => post(someBatch(), { from: undefined })))).toEqual(new Set([202]))
  })

  it('and guesses server keys, runs out of guesses', async () => {
    const { post, addKey } = await still()
    const guess = () =>
      post(someBatch(), { key: '', headers: { authorization: `Bearer ${createKey('srv')}` } })
    expect(await statuses(6, guess)).toEqual([401, 401, 401, 401, 401, 429])
    const key = await addKey({ kind: 'srv' })
    const server = () =>
      post(someBatch(), { key: '', from: '203.0.113.9', headers: { authorization: `Bearer ${key}` } })
    expect(new Set(await statuses(15, server))).toEqual(new Set([202]))
  })
})

describe('a key that is used too much', () => {
  it('security 23: gets 429, whoever uses it; other keys are unharmed', async () => {
    const { post, addKey } = await still()
    let n = 0
    const all = await statuses(21, () => post(someBatch(), { from: `203.0.113.${n++}` }))
    expect(all.indexOf(429)).toBe(20)
    expect((await post(someBatch(), { key: await addKey(), from: '203.0.113.99' })).status).toBe(202)
  })

  it('by its own rate where it has one', async () => {
    const { post, addKey } = await still()
    const key = await addKey({ rateLimit: 1 })
    let n = 0
    expect((await statuses(6, () => post(someBatch(), { key, from: `203.0.113.${n++}` }))).indexOf(429)).toBe(
      5,
    )
  })

  it('without limits is never refused', async () => {
    const { post } = await still({ rateLimit: false })
    expect(new Set(await statuses(50, () => post(someBatch())))).toEqual(new Set([202]))
  })
})

it('warns once when a proxy seems to stand before the collector and none is trusted', async () => {
  const { post, log } = await still()
  await statuses(3, () => post(someBatch(), { headers: { 'x-forwarded-for': '1.2.3.4' } }))
  expect(log().filter((line) => line.message.includes('trustedProxies'))).toHaveLength(1)
})
