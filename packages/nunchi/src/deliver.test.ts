import { maxBatchEvents } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import { createCourier } from './deliver.ts'
import { openLocal } from './page/local.ts'
import type { Entry } from './store.ts'
import type { Reply } from './transport/transport.ts'

const entries = (count: number, size: number): Entry[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, json: JSON.stringify('x'.repeat(size)), size }))

function courier(answer: (events: number) => Reply | 'ack') {
  let ids = 0
  const local = openLocal('deliver-test')
  local.persist(false)
  return createCourier(
    {
      url: 'http://test.invalid',
      local,
      send: async ({ body }) => {
        const { id, events } = JSON.parse(`${body}`) as { id: string; events: unknown[] }
        const reply = answer(events.length)
        return reply === 'ack' ? { status: 202, body: { batch: id } } : reply
      },
      context: () => ({}),
      id: () => `batch-${ids++}`,
      now: () => 0,
      emit: () => {},
    },
    async () => true,
    () => {},
  )
}

const round = { mine: () => true, signal: new AbortController().signal }

describe('how many events a batch may hold', () => {
  it('is one after three failures without a status of a large batch: a proxy may have refused it', async () => {
    let proxied = true
    const { cap, deliver } = courier((events) => (proxied && events > 1 ? { status: 0 } : 'ack'))
    for (let i = 0; i < 3; i++) await deliver(entries(20, 2000), round)
    expect(cap()).toBe(1)
    await deliver(entries(1, 2000), round)
    expect(cap()).toBe(10)
    proxied = false
    await deliver(entries(10, 2000), round)
    expect(cap()).toBe(10)
  })

  it('stays where nothing was sent at all: in a backoff, or without a network', async () => {
    const { cap, deliver } = courier(() => ({ status: 0, wait: 1000, held: true }))
    for (let i = 0; i < 10; i++) await deliver(entries(20, 2000), round)
    expect(cap()).toBe(maxBatchEvents)
  })

  it('stays where one large event fails alone: there is nothing smaller to try', async () => {
    let down = true
    const { cap, deliver } = courier(() => (down ? { status: 0 } : 'ack'))
    for (let i = 0; i < 10; i++) await deliver(entries(1, 30_000), round)
    down = false
    await deliver(entries(1, 30_000), round)
    expect(cap()).toBe(maxBatchEvents)
  })

  it('stays where small batches fail: no proxy refuses them', async () => {
    const { cap, deliver } = courier(() => ({ status: 0 }))
    for (let i = 0; i < 10; i++) await deliver(entries(20, 100), round)
    expect(cap()).toBe(maxBatchEvents)
  })
})
