/** Five experiments at once on one crowd, each with something planted: what their results say, held to a recount from raw events. */
import type { ConfigDefinition, Event } from '@nunchi/protocol'
import { type ExperimentResults, experimentResults } from '../../src/results/experiment-results.ts'
import type { MetricDefinition } from '../../src/results/metric.ts'
import { metricPlan } from '../../src/results/metric-plan.ts'
import { ownerResults, type ResultsGateway } from '../../src/results/summary.ts'
import { personsOf, recounter } from '../../test/recount-metric.ts'
import { type Agreement, agreement } from './agreement.ts'
import { crowd, type Planted, type Visit } from './crowd.ts'
import { type Banks, openProject, type Running, type Sent, sendCrowd } from './river.ts'

/** An experiment of the shop: who is in it, what is planted, and what is to be found. */
interface Stand extends Planted {
  verdict: string
  more?: Partial<ConfigDefinition['experiments'][string]>
}

/** The planned sizes grow with the crowd. */
const standsFor = (visitors: number): { [key: string]: Stand } => ({
  cards: { lift: 0.1, verdict: 'ship' },
  banner: {
    lift: -0.1,
    verdict: 'roll back',
    more: { condition: { deviceClass: 'mobile' }, targetSampleSize: Math.floor(visitors * 0.45) },
  },
  search: {
    lift: 0,
    verdict: 'keep running',
    more: { condition: { deviceClass: 'desktop' }, targetSampleSize: visitors * 2 },
  },
  prices: {
    lift: 0,
    lost: 0.08,
    verdict: 'broken: sample ratio',
    more: { condition: { country: { $in: ['JP', 'DE'] } } },
  },
  members: { lift: 0.2, verdict: 'ship', more: { attribute: 'userId' } },
})

const ordered = { event: 'Order Completed' }

const judgedBy: { [key: string]: MetricDefinition } = {
  orders: { name: 'Orders', kind: 'conversion', source: ordered },
  revenue: {
    name: 'Revenue',
    kind: 'sum',
    source: { ...ordered, property: 'revenue' },
    cap: 200,
    role: 'secondary',
  },
  basket: { name: 'Basket', kind: 'mean', source: { ...ordered, property: 'revenue' }, role: 'secondary' },
  pages: { name: 'Pages', kind: 'count', source: { type: 'page' }, role: 'guardrail' },
  quick: { name: 'Quick orders', kind: 'conversion', source: ordered, windowHours: 6, role: 'secondary' },
}

const day = 86_400_000
const base = 0.2

/** What one experiment said, and whether it is what was planted. */
export interface Finding {
  experiment: string
  lift: number
  expected: string
  verdict: string
  units: number
  /** Of the share who order; null where there are no numbers. */
  found: { lift: number | null; low: number; high: number } | null
  agreement: Agreement & { metrics: number; kept: number }
  milliseconds: number
}

/** The whole. */
export interface BigShop {
  sent: Sent
  findings: Finding[]
  milliseconds: { sent: number; prepared: number; recounted: number }
}

async function timed<Value>(run: () => Promise<Value> | Value): Promise<[Value, number]> {
  const from = performance.now()
  const value = await run()
  return [value, performance.now() - from]
}

function definitions(stands: { [key: string]: Stand }): ConfigDefinition['experiments'] {
  return Object.fromEntries(
    Object.entries(stands).map(([key, { more }]) => [
      key,
      {
        name: key,
        hypothesis: 'It does what was planted.',
        status: 'running',
        revision: 1,
        variants: [
          { key: 'control', weight: 500_000, isControl: true },
          { key: 'changed', weight: 500_000 },
        ],
        ...more,
      },
    ]),
  )
}

/** What people did; overridden exposures and what bots do count nowhere. */
function kept(into: Event[]): (visit: Visit) => void {
  return ({ kind, events }) => {
    if (kind === 'bot') return
    for (const event of events) if (event.properties?.['overridden'] !== true) into.push(event)
  }
}

/** Recounts each metric of an experiment, and asks for its sums as results do. */
async function held(
  gateway: ResultsGateway,
  experiment: string,
  events: Event[],
  person: (event: Event) => string,
): Promise<Finding['agreement']> {
  const others = ({ name, properties }: Event): boolean =>
    name === 'Experiment Viewed' && properties?.['experiment'] !== experiment
  const recount = recounter(
    events.filter((event) => !others(event)),
    person,
  )
  const all: Finding['agreement'] = { numbers: 0, differences: [], metrics: 0, kept: 0 }
  for (const [key, definition] of Object.entries(judgedBy)) {
    const plan = metricPlan(definition)
    const summary = await gateway.summarize({ experiment, revision: 1, plan })
    const one = agreement(`${experiment}, ${key}`, summary, recount(plan, Number.POSITIVE_INFINITY))
    all.numbers += one.numbers
    all.metrics++
    if ((summary as { prepared?: boolean }).prepared) all.kept++
    all.differences.push(...one.differences)
  }
  return all
}

function foundIn({ metrics }: ExperimentResults): Finding['found'] {
  const [one] = metrics.find(({ key }) => key === 'orders')?.variants ?? []
  if (!one || 'noResult' in one || one.liftInterval === null) return null
  return { lift: one.lift, ...one.liftInterval }
}

/**
 * Plays it, from the first visitor to the last verdict.
 *
 * @param prepare whether the sums are kept, as the collector's worker does; else they are read from raw events
 */
export async function bigShop(
  banks: Banks,
  { visitors, seed, prepare = true }: { visitors: number; seed: number; prepare?: boolean },
): Promise<BigShop> {
  const stands = standsFor(visitors)
  const running: Running = await openProject(banks, definitions(stands), judgedBy)
  const events: Event[] = []
  const to = Date.now() - day
  const plan = { seed, visitors, base, from: to - 7 * day, to, compiled: running.compiled, planted: stands }
  const [sent, sentMs] = await timed(() => sendCrowd(banks, running, crowd(plan), kept(events)))
  const [, prepared] = await timed(async () => {
    while (
      prepare &&
      (await banks.owner.call<{ more: boolean }>('prepare_results', { budgetMs: 3_000 })).more
    );
  })
  const gateway = ownerResults(banks.owner, running)
  const [person, persons] = await timed(() => personsOf(events))
  let recounted = persons
  const findings: Finding[] = []
  for (const [experiment, { lift, verdict: expected }] of Object.entries(stands)) {
    const [results, milliseconds] = await timed(() => experimentResults(gateway, { experiment }))
    const [agreed, ms] = await timed(() => held(gateway, experiment, events, person))
    recounted += ms
    findings.push({
      experiment,
      lift,
      expected,
      verdict: results.verdicts[0]?.verdict ?? results.noResult?.code ?? 'none',
      units: results.look.units,
      found: foundIn(results),
      agreement: agreed,
      milliseconds,
    })
  }
  return { sent, findings, milliseconds: { sent: sentMs, prepared, recounted } }
}
