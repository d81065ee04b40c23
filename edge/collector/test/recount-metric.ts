/** Sums up a metric from raw events in plain TypeScript, sharing nothing with the SQL: what `nunchi.summarize` must agree with. */
import type { Event } from '@nunchi/protocol'
import type { MetricPart, MetricPlan } from '../src/results/metric-plan.ts'

/** The statistics of one variant. */
export interface Recounted {
  variant: string
  units: number
  multiple: number
  means: number[]
  covariance: number[][]
}

interface Unit {
  value: string
  attribute: string
  variant: string
  at: number
  id: string
  person: string
  multiple: boolean
}

const before = (a: { at: number; id: string }, b: { at: number; id: string }): number =>
  a.at - b.at || (a.id < b.id ? -1 : 1)
const moment = (event: Event) => ({ at: event.ts, id: event.id })

/** Where an id's aliases end; of those that go round in a ring, the smallest id. */
function follow(id: string, aliases: Map<string, string>): string {
  const seen: string[] = []
  for (let current = id; ; current = aliases.get(current)!) {
    if (seen.includes(current)) return seen.slice(seen.indexOf(current)).sort()[0]!
    if (!aliases.has(current)) return current
    seen.push(current)
  }
}

/** Whom each event is of: the user it names, else the first user its visitor was linked to, else the visitor; renamed by aliases. */
export function personsOf(events: Event[]): (event: Event) => string {
  const links = new Map<string, string>()
  const aliases = new Map<string, string>()
  const named = events.filter(({ userId }) => userId)
  for (const event of named.sort((a, b) => before(moment(a), moment(b)))) {
    const { anonymousId, userId } = event
    if (anonymousId && userId && !links.has(anonymousId)) links.set(anonymousId, userId)
    const previous = (event as { previousId?: string }).previousId
    if (event.type === 'alias' && previous && userId && previous !== userId && !aliases.has(previous))
      aliases.set(previous, userId)
  }
  return ({ anonymousId, userId }) =>
    follow(userId ?? links.get(anonymousId ?? '') ?? anonymousId ?? '', aliases)
}

function unitsOf(events: Event[], person: (event: Event) => string): Unit[] {
  const units = new Map<string, Unit>()
  const seen = events.filter(({ name }) => name === 'Experiment Viewed')
  for (const event of seen.sort((a, b) => before(moment(a), moment(b)))) {
    const { unit, attribute, variant } = event.properties as { [name: string]: string }
    const known = units.get(unit!)
    if (known) known.multiple ||= known.variant !== variant
    else
      units.set(unit!, {
        value: unit!,
        attribute: attribute!,
        variant: variant!,
        ...moment(event),
        person: person(event),
        multiple: false,
      })
  }
  return [...units.values()]
}

const carriedBy = ({ anonymousId, userId }: Event): { [attribute: string]: string | undefined } => ({
  anonymousId,
  userId,
})

/** Tells the unit an event counts for: the first of those whose value it carries, else of those of its person. */
function ownership(units: Unit[]): (event: Event, person: string) => Unit | undefined {
  const byValue = Map.groupBy(units, ({ attribute, value }) => `${attribute} ${value}`)
  const byPerson = Map.groupBy(units, ({ person }) => person)
  return (event, person) => {
    const carried = carriedBy(event)
    const own = Object.entries(carried).flatMap(([attribute, value]) =>
      value === undefined ? [] : (byValue.get(`${attribute} ${value}`) ?? []),
    )
    const through = () =>
      (byPerson.get(person) ?? []).filter(({ attribute }) => carried[attribute] === undefined)
    return [...(own.length > 0 ? own : through())].sort(before)[0]
  }
}

function amountOf(event: Event, part: MetricPart): number | undefined {
  if (part.type !== undefined && event.type !== part.type) return undefined
  if (part.event !== undefined && event.name !== part.event) return undefined
  if (part.event === undefined && event.name === 'Experiment Viewed') return undefined
  if (part.adds === 'one') return 1
  const given = event.properties?.[part.property!]
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
  if (typeof number !== 'number' || Number.isNaN(number)) return undefined
  return part.adds === 'value' ? number : 1
}

function reached(events: Event[], { parts }: MetricPlan): boolean {
  let step = 0
  for (const event of [...events].sort((a, b) => before(moment(a), moment(b))))
    if (step < parts.length && amountOf(event, parts[step]!) !== undefined) step++
  return step === parts.length
}

function vectorOf(unit: Unit, events: Event[], plan: MetricPlan, until: number): number[] {
  const from = unit.at + plan.fromMs
  const end = Math.min(until, plan.windowMs === null ? Number.POSITIVE_INFINITY : from + plan.windowMs)
  const after = events.filter(({ ts }) => ts >= from && ts < end)
  const earlier = events.filter(({ ts }) => ts < unit.at && ts >= unit.at - plan.beforeMs)
  if (plan.kind === 'funnel') return [Number(reached(after, plan)), 0, 0, 0]
  const sum = (among: Event[], part: number) =>
    plan.parts[part] ? among.reduce((n, event) => n + (amountOf(event, plan.parts[part]!) ?? 0), 0) : 0
  const whether = plan.kind === 'share' || plan.kind === 'retention'
  const tidy = (n: number) => (whether ? Number(n > 0) : Math.min(n, plan.cap ?? n))
  return [tidy(sum(after, 0)), sum(after, 1), tidy(sum(earlier, 0)), sum(earlier, 1)]
}

function statistics(rows: number[][]): Pick<Recounted, 'means' | 'covariance'> {
  const n = rows.length
  const means = [0, 1, 2, 3].map((i) => rows.reduce((sum, row) => sum + row[i]!, 0) / n)
  const spread = (i: number, j: number) =>
    rows.reduce((sum, row) => sum + (row[i]! - means[i]!) * (row[j]! - means[j]!), 0) / (n - 1)
  return { means, covariance: means.map((_, i) => means.map((_, j) => (n > 1 ? spread(i, j) : 0))) }
}

/** Sums up one metric; units exposed after `seenBy` are left out. */
export type Recount = (plan: MetricPlan, until: number, seenBy?: number) => Recounted[]

/** Finds once whom each event counts for, for any number of metrics. All `events` are those of people, exposures of one experiment. */
export function recounter(events: Event[], person: (event: Event) => string = personsOf(events)): Recount {
  const everyone = unitsOf(events, person)
  const ownerOf = ownership(everyone)
  const owned = Map.groupBy(events, (event) => ownerOf(event, person(event))?.value)
  return (plan, until, seenBy = Number.POSITIVE_INFINITY) => {
    const units = everyone.filter(({ at }) => at < seenBy)
    return [...new Set(units.map(({ variant }) => variant))].sort().map((variant) => {
      const all = units.filter((unit) => unit.variant === variant)
      const alone = all.filter(
        ({ multiple, at }) =>
          !multiple && (plan.kind !== 'retention' || at + plan.fromMs + plan.windowMs! <= until),
      )
      const rows = alone.map((unit) => vectorOf(unit, owned.get(unit.value) ?? [], plan, until))
      const multiple = all.filter((unit) => unit.multiple).length
      return {
        variant,
        units: rows.length,
        multiple,
        ...(rows.length > 0 ? statistics(rows) : { means: [], covariance: [] }),
      }
    })
  }
}

/** Sums up one metric of all `events`. */
export const recountMetric = (events: Event[], ...asked: Parameters<Recount>): Recounted[] =>
  recounter(events)(...asked)
