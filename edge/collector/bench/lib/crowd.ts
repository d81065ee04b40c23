/** A crowd of simulated visitors: what each is shown by the real evaluator, does by chance and sends as the SDK would; from a seed. */
import { type Compiled, type Event, evaluateExperiment, type JsonObject } from '@nunchi/protocol'
import { normal, random } from '../../../../packages/stats/bench/simulation/random.ts'

/** What an experiment does to those who have its second variant. */
export interface Planted {
  /** The relative change of the share who order. */
  lift: number
  /** The share of its exposures that never arrives: a variant that breaks. @default 0 */
  lost?: number
}

/** Who comes, when, and what is different for them. */
export interface CrowdPlan {
  seed: number
  /** Visitors who count; bots, testers and those who see two variants come on top. */
  visitors: number
  /** When they come, in ms. */
  from: number
  to: number
  compiled: Compiled
  planted: { [experiment: string]: Planted }
  /** The share who order where nothing is planted. */
  base: number
  /** The share who sign in; each has a second device. @default 0.2 */
  signedIn?: number
}

/** One visitor's events, by the true time. */
export interface Visit {
  events: Event[]
  /** `skewed` devices have a wrong clock, `late` ones send when all others have. */
  kind: 'plain' | 'bot' | 'skewed' | 'late'
}

/** The part of the orders of somebody signed in that are made on the other device, before it is known whose it is. */
export const elsewhere = 0.5

/** Of a basket: exp of a normal of this mean and deviation. */
const basket = { mean: 3, deviation: 0.8 }

/** What a basket holds on average. */
export const basketMean: number = Math.exp(basket.mean + basket.deviation ** 2 / 2)

const countries = ['KR', 'US', 'DE', 'JP'] as const
const hour = 3_600_000
const day = 24 * hour

interface Person {
  device: string
  other: string
  userId?: string
  attributes: JsonObject
}

interface World extends CrowdPlan {
  next(): number
  gauss(): number
  /** Makes an event of a person at a moment. */
  event(at: number, person: { device: string; userId?: string }, more: Partial<Event>): Event
}

/** Ids of version 7 whose time is the event's, the rest a count. */
function ids(): (at: number) => string {
  let count = 0
  return (at) => {
    const hex = Math.floor(at).toString(16).padStart(12, '0')
    const rest = (count++).toString(16).padStart(15, '0')
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7${rest.slice(0, 3)}-8000-${rest.slice(3)}`
  }
}

function worldOf(plan: CrowdPlan): World {
  const next = random(plan.seed)
  const id = ids()
  let seq = 0
  return {
    ...plan,
    next,
    gauss: normal(next),
    event: (at, { device, userId }, more) =>
      ({
        id: id(at),
        type: 'track',
        ts: Math.floor(at),
        tab: 't1',
        seq: seq++,
        anonymousId: device,
        ...(userId === undefined ? {} : { userId }),
        sessionId: device,
        sdk: 'nunchi/0.1.0',
        page: { url: 'https://shop.example/tea' },
        ...more,
      }) as Event,
  }
}

function personOf({ seed, next, signedIn = 0.2 }: World, n: string): Person {
  const device = `v${seed}.${n}`
  const userId = next() < signedIn ? { userId: `u${seed}.${n}` } : {}
  const country = countries[Math.floor(next() * countries.length)]!
  const deviceClass = next() < 0.5 ? 'mobile' : 'desktop'
  return {
    device,
    other: `${device}.b`,
    ...userId,
    attributes: { anonymousId: device, country, deviceClass, ...userId },
  }
}

/** The exposures of somebody, as the plugin records them, and how much more often they order. */
function shown(world: World, person: Person, at: number): { exposures: Event[]; factor: number } {
  const exposures: Event[] = []
  let factor = 1
  for (const [key, { lift, lost = 0 }] of Object.entries(world.planted)) {
    const result = evaluateExperiment(world.compiled, key, person.attributes)
    if (!result.assigned) continue
    if (result.index === 1) factor *= 1 + lift
    if (result.index === 1 && world.next() < lost) continue
    const { experiment, variant, revision, attribute, unit, bucket } = result
    const configVersion = world.compiled.version
    const properties = { experiment, variant, revision, configVersion, attribute, unit, bucket }
    exposures.push(world.event(at, person, { name: 'Experiment Viewed', properties }))
  }
  return { exposures, factor }
}

function order(world: World, at: number, who: { device: string; userId?: string }): Event {
  const revenue = Math.round(100 * Math.exp(basket.mean + basket.deviation * world.gauss())) / 100
  return world.event(at, who, { name: 'Order Completed', properties: { revenue } })
}

/** Somebody's whole visit; some order much more often than others, and did so in the days before. */
function visit(world: World, n: string): Event[] {
  const { next, from, to, base } = world
  const person = personOf(world, n)
  const at = from + next() * (to - from)
  const habit = base * (next() < 0.3 ? 1.7 : 0.7)
  const events: Event[] = []
  const page = (when: number) => world.event(when, person, { type: 'page', name: '/tea' })
  if (next() < habit / 2) events.push(order(world, at - hour - next() * 3 * day, { device: person.device }))
  const { exposures, factor } = shown(world, person, at)
  events.push(...exposures)
  if (next() < 0.4) events.push(page(at + 1_000))
  if (next() >= habit * factor) return events
  const when = at + hour + next() * 12 * hour
  if (person.userId === undefined || next() >= elsewhere) return [...events, order(world, when, person)]
  const signIn = { type: 'identify', name: 'identify' } as const
  const there = { device: person.other, userId: person.userId }
  return [...events, order(world, when, { device: person.other }), world.event(when + hour, there, signIn)]
}

/** Saw the one variant first and the other one an hour later. */
function twice(world: World, events: Event[]): Event[] {
  const again = events
    .filter(({ name }) => name === 'Experiment Viewed')
    .map((one) => {
      const { experiment, variant } = one.properties as { [name: string]: string }
      const all = world.compiled.experiment(experiment!)
      const other = [0, 1]
        .map((index) => all({ attributes: {}, overrides: { experiments: { [experiment!]: index } } }).variant)
        .find((key) => key !== variant)
      const who = { device: one.anonymousId!, ...(one.userId === undefined ? {} : { userId: one.userId }) }
      return world.event(one.ts + hour, who, {
        name: one.name,
        properties: { ...one.properties, variant: other! },
      })
    })
  return [...events, ...again]
}

/** Looks at the second variant on purpose, which the exposure says. */
function tested(world: World, n: string): Event[] {
  const person = personOf(world, n)
  const at = world.from + world.next() * (world.to - world.from)
  const events = Object.keys(world.planted).map((key) => {
    const overrides = { experiments: { [key]: 1 } }
    const { experiment, variant, revision, attribute, unit } = evaluateExperiment(
      world.compiled,
      key,
      person.attributes,
      { overrides },
    )
    const about = { experiment, variant, revision, attribute, unit }
    const properties = { ...about, configVersion: world.compiled.version, overridden: true }
    return world.event(at, person, { name: 'Experiment Viewed', properties })
  })
  return [...events, order(world, at + hour, person)]
}

/** Makes all of them, one after another. The same plan makes the same crowd. */
export function* crowd(plan: CrowdPlan): Generator<Visit> {
  const world = worldOf(plan)
  for (let n = 0; n < plan.visitors; n++) {
    const events = visit(world, `${n}`)
    const dice = world.next()
    yield { events, kind: dice < 0.02 ? 'skewed' : dice < 0.05 ? 'late' : 'plain' }
  }
  for (let n = 0; n < plan.visitors / 100; n++) {
    yield { events: visit(world, `bot${n}`), kind: 'bot' }
    if (n % 2) continue
    yield { events: twice(world, visit(world, `two${n}`)), kind: 'plain' }
    yield { events: tested(world, `tester${n}`), kind: 'plain' }
  }
}
