/** Sends crowds through `ingest()` and `process()` of a Postgres, as pages with late answers, wrong clocks and poor networks do. */
import { createHash } from 'node:crypto'
import { type Compiled, type ConfigDefinition, compile, type Event, uuidv7 } from '@nunchi/protocol'
import { ownerGateway } from '../../src/manage/gateway.ts'
import { inForce, publishChange } from '../../src/manage/publisher.ts'
import type { MetricDefinition } from '../../src/results/metric.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { Visit } from './crowd.ts'

/** A project that runs experiments. */
export interface Running {
  projectId: string
  environment: 'production'
  keyHash: string
  /** The config in force, as the page evaluates it. */
  compiled: Compiled
}

/** How much went through. */
export interface Sent {
  events: number
  /** Sent a second time, and known to be. */
  duplicates: number
}

/** The two logins of a database, and where events are taken from at once. */
export interface Banks {
  owner: Storage
  app: Storage
}

const nextId = uuidv7()
const hour = 3_600_000
/** As many events as the largest batch may hold. */
const most = 500

/** Makes a project that runs these experiments, judged by these metrics. */
export async function openProject(
  { owner }: Banks,
  experiments: ConfigDefinition['experiments'],
  metrics: { [key: string]: MetricDefinition },
): Promise<Running> {
  const { projectId } = await owner.call<{ projectId: string }>('create_project', { name: nextId() })
  const keyHash = createHash('sha256').update(projectId).digest('hex')
  const whose = { projectId, environment: 'production' as const }
  await owner.call('create_key', { ...whose, kind: 'srv', hash: keyHash, hint: 'bench' })
  const gateway = ownerGateway(owner, whose, 'bench')
  await publishChange(gateway, () => ({
    definition: { flags: {}, experiments },
    reason: 'bench',
    subject: 'config',
    before: null,
    after: null,
  }))
  for (const [key, definition] of Object.entries(metrics))
    await owner.call('set_metric', { projectId, key, definition })
  const { config } = await inForce(gateway)
  return { ...whose, keyHash, compiled: compile(config!) }
}

/** What is known of batches of one kind: who sends them, and by which clock. */
function about(kind: Visit['kind'], keyHash: string, now: number) {
  const slow = kind === 'skewed' ? hour : 0
  const context = kind === 'bot' ? { bot: true } : { country: 'KR' }
  return { keyHash, receivedAt: now, sentAt: now - slow, context, dropped: {}, rejects: [], slow }
}

/** One call of `ingest` with all that it is given. */
async function deliver(
  { app }: Banks,
  batches: { events: Event[]; of: ReturnType<typeof about> }[],
): Promise<Sent> {
  const asked = batches.map(({ events, of: { slow, ...rest } }) => ({
    ...rest,
    batch: nextId(),
    events: slow === 0 ? events : events.map((event) => ({ ...event, ts: event.ts - slow })),
  }))
  const { batches: answers } = await app.call<{
    batches: { accepted: number; duplicates: number; rejected: unknown[] }[]
  }>('ingest', { batches: asked })
  const lost = answers.find(({ rejected }) => rejected?.length !== 0)
  if (lost) throw new Error(`Events were refused: ${JSON.stringify(lost).slice(0, 500)}`)
  return {
    events: answers.reduce((sum, one) => sum + one.accepted, 0),
    duplicates: answers.reduce((sum, one) => sum + one.duplicates, 0),
  }
}

/** Processes until nothing is left. */
export async function drain({ app }: Pick<Banks, 'app'>): Promise<void> {
  while ((await app.call<{ more: boolean }>('process', {})).more);
}

/**
 * Sends a crowd: each twentieth batch twice, late visits when all others were processed. `hear` is told of every visit.
 *
 * @throws where an event is refused
 */
export async function sendCrowd(
  banks: Banks,
  { keyHash }: Pick<Running, 'keyHash'>,
  visits: Iterable<Visit>,
  hear: (visit: Visit) => void = () => {},
): Promise<Sent> {
  const now = Date.now()
  const sent: Sent = { events: 0, duplicates: 0 }
  const waiting = new Map<Visit['kind'], Event[]>()
  const late: Event[][] = []
  let batches = 0
  const send = async (kind: Visit['kind'], events: Event[]) => {
    const of = about(kind, keyHash, now)
    const twice = batches++ % 20 === 0
    // Once in the same call, as two tabs may send it, and once when it is long stored.
    const calls = twice
      ? [
          [
            { events, of },
            { events: events.slice(0, 20), of },
          ],
          [{ events, of }],
        ]
      : [[{ events, of }]]
    for (const call of calls) {
      const { events: stored, duplicates } = await deliver(banks, call)
      sent.events += stored
      sent.duplicates += duplicates
    }
  }
  const put = async (kind: Visit['kind'], events: Event[]) => {
    const batch = [...(waiting.get(kind) ?? []), ...events]
    waiting.set(kind, batch.length < most - 20 ? batch : [])
    if (batch.length >= most - 20) await send(kind, batch)
  }
  const flush = async () => {
    for (const [kind, events] of waiting) if (events.length > 0) await send(kind, events)
    waiting.clear()
  }
  for (const visit of visits) {
    hear(visit)
    if (visit.kind === 'late') late.push(visit.events)
    else await put(visit.kind, visit.events)
  }
  await flush()
  await drain(banks)
  for (const events of late) await put('late', events)
  await flush()
  await drain(banks)
  return sent
}
