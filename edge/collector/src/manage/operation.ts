/** The seam of the manage API: one operation, as the route runs it and the OpenAPI document describes it. */
import type { MetricsGateway } from './metrics-gateway.ts'
import type { Gateway } from './publisher.ts'
import type { SettingsGateway } from './settings-gateway.ts'

/** What an operation is given. */
export interface Asked {
  gateway: Gateway
  metrics: MetricsGateway
  recommendations: SettingsGateway
  /** The parts of the path that its braces name. */
  params: { [name: string]: string }
  query: { [name: string]: string }
  /** The body, parsed; undefined where there is none. */
  body: unknown
  /** The number in `If-Match`. */
  base: number | undefined
}

/** One operation. */
export interface Operation {
  /** Unique; the name that generated clients give their function. */
  id: string
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** The path below `/v1/manage`, with `{name}` for its parts. */
  path: string
  /** One sentence for the documentation. */
  summary: string
  scope: 'config:read' | 'config:write'
  query?: { [name: string]: string }
  /** What it changes is no part of the numbered config, so that there is no `If-Match`. */
  unnumbered?: true
  /** The schema of the body, and of the answer, by their names in the document. */
  body?: string
  answer: string
  run(asked: Asked): Promise<object>
}
