/** Many clients at once that are no browsers: each posts a batch until it is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '../../../packages/protocol/src/index.ts'
import type { World } from './world.ts'

const newId = uuidv7()

function batch(): { id: string; body: string } {
  const id = newId()
  const now = Date.now()
  const event = {
    id,
    type: 'track',
    name: 'posted',
    ts: now,
    tab: id.slice(-12),
    seq: 0,
    anonymousId: id,
    sessionId: id,
    sdk: 'bench/1',
    properties: { marker: id },
  }
  return { id, body: JSON.stringify({ id: newId(), sentAt: now, context: {}, events: [event] }) }
}

/** Posts `count` batches at one time, each again until its ack. @returns every status that came */
export async function postAll({ edge, key, ledger }: World, count: number): Promise<Set<number>> {
  const statuses = new Set<number>()
  const post = async () => {
    const { id, body } = batch()
    for (let attempt = 0; attempt < 20; attempt++) {
      const response = await fetch(`${edge.url}/v1/events?key=${key}`, { method: 'POST', body })
      await response.text()
      statuses.add(response.status)
      if (response.status === 202) return ledger.accept([id])
      await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000 * Math.random() + 200)
    }
  }
  await Promise.all(Array.from({ length: count }, post))
  return statuses
}
