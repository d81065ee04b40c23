/** Exposures of a server: who was assigned what, told once, by `nunchi/server`. */
import type { ExperimentResult, FlagResult, JsonObject } from '@nunchi/protocol'
import type { NunchiServer, Visitor } from '../server.ts'

/** The most exposures remembered; of a visitor forgotten the database drops the repetition. */
const most = 100_000

/** Whom an event is about; nobody where the attributes name nobody. */
export function visitorOf({ anonymousId, userId }: JsonObject): Visitor | undefined {
  const named = (id: unknown): id is string => typeof id === 'string' && !!id
  if (!named(anonymousId) && !named(userId)) return
  return { ...(named(anonymousId) && { anonymousId }), ...(named(userId) && { userId }) }
}

/** Tells of the assignments that an evaluation made. */
export type Expose = (
  seen: ExperimentResult[],
  result: FlagResult,
  attributes: JsonObject,
  version: string,
) => void

/** Makes what tells a client of exposures. */
export function createExposing({ track }: Pick<NunchiServer, 'track'>): Expose {
  const told = new Set<string>()
  return (seen, { experiment, rule }, attributes, version) => {
    const visitor = visitorOf(attributes)
    if (!visitor) return
    for (const one of seen) {
      const { experiment: key, variant, revision, attribute, unit, bucket, assigned } = one
      const id = JSON.stringify([key, revision, variant, attribute, unit])
      if (!assigned || told.has(id)) continue
      if (told.size >= most) told.delete(told.values().next().value!)
      told.add(id)
      const properties = {
        experiment: key,
        variant,
        revision,
        configVersion: version,
        attribute,
        unit,
        ...(one === experiment && rule && { rule }),
        ...(bucket !== null && { bucket }),
      }
      void track({ name: 'Experiment Viewed', ...visitor, properties })
    }
  }
}
