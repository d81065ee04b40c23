/** Typed events in development: each event is checked against its schema, and stored whatever comes of it. */

import type { Report } from '../errors.ts'
import type { DefinedEvents } from '../plugin.ts'
import type { EventSchemas, SchemaIssue, SchemaResult } from '../typed-events.ts'

/** Where an issue is, such as `items.0.price`. */
const pathOf = ({ path = [] }: SchemaIssue): string =>
  path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') || '(all)'

/** Tells of the first issue with an event. */
function tell(report: Report, event: string, { issues }: SchemaResult): void {
  const [issue] = issues ?? []
  if (issue) report('event_invalid', { event, path: pathOf(issue), message: issue.message })
}

/** As in production builds, and each event is checked when it is tracked. */
export function defineEvents<Schemas extends EventSchemas>(schemas: Schemas): DefinedEvents<Schemas> {
  return {
    name: 'eventNames',
    setup({ on, report }) {
      on('event', ({ type, name, properties = {} }) => {
        const standard = schemas[name]?.['~standard']
        if (type !== 'track' || !standard) return
        const result = standard.validate(properties)
        // A schema may take its time; the event does not wait for it.
        Promise.resolve(result).then(
          (done) => tell(report, name, done),
          (error) => report('plugin_failed', error),
        )
      })
      return Object.keys(schemas)
    },
  }
}
