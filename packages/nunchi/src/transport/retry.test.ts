import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLocal } from '../page/local.ts'
import { retry } from './retry.ts'
import type { Reply } from './transport.ts'

const delivery = { url: 'http://collector/v1/events?key=a', body: '{}' }
const ack: Reply = { status: 202, body: { batch: 'b' } }
let replies: Reply[]
const send = vi.fn(async () => replies.shift() ?? ack)

beforeEach(() => {
  vi.useFakeTimers()
  send.mockClear()
})
afterEach(() => {
  vi.useRealTimers()
})

const memory = () => {
  const local = openLocal('test')
  local.persist(false)
  return local
}

describe('retry', () => {
  it('sends nothing before the time that Retry-After names, also from a new tab', async () => {
    replies = [{ status: 429, wait: 5000 }]
    const local = memory()
    expect(await retry(send, local)(delivery)).toMatchObject({ status: 429, wait: 5000 })
    const other = retry(send, local)
    expect(await other(delivery)).toEqual({ status: 0, wait: 5000, held: true })
    await vi.advanceTimersByTimeAsync(4999)
    expect(await other(delivery)).toEqual({ status: 0, wait: 1, held: true })
    expect(send).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await other(delivery)).toBe(ack)
  })

  it('spreads its attempts at random below a bound that doubles up to the longest', async () => {
    const bounds: number[] = []
    for (const random of [0, 0.999_999]) {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      replies = Array.from({ length: 8 }, () => ({ status: 503 }))
      const patient = retry(send, memory())
      for (let i = 0; i < 8; i++) {
        const { wait } = await patient(delivery)
        bounds.push(Math.round(wait!))
        await vi.advanceTimersByTimeAsync(Math.ceil(wait!))
      }
    }
    expect(bounds.slice(0, 8)).toEqual(Array(8).fill(100))
    expect(bounds.slice(8)).toEqual([1100, 2100, 4100, 8100, 16_100, 30_100, 30_100, 30_100])
    vi.restoreAllMocks()
  })

  it.each([401, 403])('pauses after %i, and tries another key at once', async (status) => {
    replies = [{ status }]
    const patient = retry(send, memory())
    expect((await patient(delivery)).wait).toBe(600_000)
    expect((await patient(delivery)).wait).toBe(600_000)
    expect(await patient({ ...delivery, url: 'http://collector/v1/events?key=b' })).toBe(ack)
  })

  it.each([400, 413])('takes %i for a verdict on the batch, not for a failure of the way', async (status) => {
    replies = [{ status }]
    const patient = retry(send, memory())
    expect(await patient(delivery)).toEqual({ status })
    expect(await patient(delivery)).toBe(ack)
  })

  it('takes a 200 without a batch id (a captive portal) for a failure', async () => {
    replies = [{ status: 200, body: {} }]
    expect((await retry(send, memory())(delivery)).wait).toBeGreaterThan(0)
  })

  it('lets what is urgent through its own backoff, never through Retry-After', async () => {
    replies = [{ status: 503 }, { status: 503, wait: 5000 }]
    const patient = retry(send, memory())
    await patient(delivery)
    expect(await patient({ ...delivery, urgent: true })).toMatchObject({ status: 503, wait: 5000 })
    expect(await patient({ ...delivery, urgent: true })).toEqual({ status: 0, wait: 5000, held: true })
    expect(send).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['half an hour', 1_800_000],
    ['ten years', 315_576_000_000],
  ])('does not wait longer when the clock was set back by %s after a failure', async (_, jump) => {
    replies = [{ status: 503, wait: 1000 }]
    const patient = retry(send, memory())
    await patient(delivery)
    vi.setSystemTime(Date.now() - jump)
    expect(await patient(delivery)).toBe(ack)
  })
})
