/** All operations of the manage API; the route and the OpenAPI document are made of this list. */
import { configOperations } from './config-operations.ts'
import { experimentOperations } from './experiment-operations.ts'
import { flagOperations } from './flag-operations.ts'
import { holdoutAndGroupOperations } from './holdout-and-group-operations.ts'
import { metricOperations } from './metric-operations.ts'
import type { Operation } from './operation.ts'
import { recommendationOperations } from './recommendation-operations.ts'

/** Where they are served. */
export const managePath = '/v1/manage'

/** In the order of the documentation; fixed paths stand before those with parts. */
export const operations: Operation[] = [
  ...configOperations,
  ...flagOperations,
  ...experimentOperations,
  ...holdoutAndGroupOperations,
  ...metricOperations,
  ...recommendationOperations,
].sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))
