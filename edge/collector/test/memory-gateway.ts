/** A config's history in memory, that behaves as `publish_config` does: for tests of what is published, not of SQL. */
import type { Revisions } from '../src/manage/change.ts'
import type { Gateway, Published } from '../src/manage/publisher.ts'

/** Makes an empty one. */
export function memoryGateway(): Gateway {
  const history: Published[] = []
  const highest = (definition: Published['definition']): Revisions => {
    const { flags, experiments } = history.at(-1)?.revisions ?? { flags: {}, experiments: {} }
    const next: Revisions = { flags: { ...flags }, experiments: { ...experiments } }
    for (const [key, { revision }] of Object.entries(definition.flags))
      next.flags[key] = Math.max(revision, next.flags[key] ?? 0)
    for (const [key, { revision, status }] of Object.entries(definition.experiments))
      if (status !== 'draft') next.experiments[key] = Math.max(revision, next.experiments[key] ?? 0)
    return next
  }
  return {
    async read(number = history.length) {
      return history[number - 1] ?? null
    },
    async versions() {
      return history.map(({ definition, revisions, ...rest }) => rest).toReversed()
    },
    async write({ base, version, definition, reason }) {
      if (base !== history.length) return { conflict: history.length }
      const number = base + 1
      history.push({ number, version, definition, reason, revisions: highest(definition) })
      return { number }
    },
  }
}
