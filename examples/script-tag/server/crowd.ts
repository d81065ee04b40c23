/** Pretend visitors for the experiment of the demo: assigned by the real evaluator, sent to the collector's address as a page would. */
import { randomUUID } from 'node:crypto'
import {
  type Ack,
  type Batch,
  type Config,
  compile,
  type Event,
  evaluateExperiment,
  uuidv7,
} from '@nunchi/protocol'

/** The share of them who put something into the cart, by variant: the gallery is liked a little better. */
const likes: { [variant: string]: number } = { patchwork: 0.2, gallery: 0.3 }
/** The share who take it out again, the same in both. */
const regrets = 0.03

const nextId = uuidv7()
const perBatch = 100

/** What one of them does. */
function eventsOf(config: ReturnType<typeof compile>): Event[] {
  const anonymousId = `pretend-${randomUUID()}`
  const result = evaluateExperiment(config, 'card-layout', { anonymousId })
  let seq = 0
  const event = (name: string, properties: Event['properties'] = {}): Event => ({
    id: nextId(),
    type: 'track',
    name,
    ts: Date.now(),
    tab: 'pretend',
    seq: seq++,
    anonymousId,
    sessionId: anonymousId,
    sdk: 'demo-crowd',
    properties,
  })
  if (!result.assigned) return []
  const { experiment, variant, revision, attribute, unit } = result
  const seen = { experiment, variant, revision, attribute, unit, configVersion: config.version }
  const events = [event('Experiment Viewed', seen)]
  const liked = likes[variant] ?? 0
  if (Math.random() >= liked) return events
  events.push(event('Product Added'))
  if (Math.random() * liked < regrets) events.push(event('Product Removed'))
  if (Math.random() < 0.4) events.push(event('Order Completed'))
  return events
}

async function send(collector: string, key: string, events: Event[]): Promise<void> {
  const batch: Batch = { id: randomUUID(), sentAt: Date.now(), context: {}, events }
  const answer = await fetch(`${collector}/v1/events?key=${encodeURIComponent(key)}`, {
    method: 'POST',
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x64; rv:140.0) Gecko/20100101 Firefox/140.0' },
    body: JSON.stringify(batch),
  })
  if (!answer.ok) throw new Error(`The collector answered ${answer.status} to the pretend visitors.`)
  const ack = (await answer.json()) as Ack
  if (ack.accepted !== events.length) throw new Error('The collector did not take all pretend events.')
}

/**
 * Makes a door that lets pretend visitors in.
 *
 * @param config the flags and experiments in force, as JSON
 */
export function pretendVisitors(
  collector: string,
  key: string,
  config: () => Promise<string>,
): (visitors: number) => Promise<void> {
  return async (visitors) => {
    const compiled = compile(JSON.parse(await config()) as Config)
    for (let left = visitors; left > 0; left -= perBatch) {
      const crowd = Array.from({ length: Math.min(left, perBatch) }, () => eventsOf(compiled))
      if (crowd.flat().length > 0) await send(collector, key, crowd.flat())
    }
  }
}
