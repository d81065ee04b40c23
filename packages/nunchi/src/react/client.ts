/** The client as components see it. */
import type { Client } from '../client.ts'
import type { ExperimentsApi } from '../experiments/api.ts'
import type { RecommendationsApi } from '../recommendations/api.ts'

/**
 * Your own client, for the compiler: `declare module 'nunchi/react' { interface Register { client: typeof nunchi } }`
 * types `useNunchi()` and `useTrack()` by it. Empty, as it is here, they have the verbs that every client has.
 */
// biome-ignore lint/suspicious/noEmptyInterface: a project's own client is merged into it.
export interface Register {}

/** What the hooks give: your client where it is registered. */
export type NunchiClient = Register extends { client: infer Own }
  ? Own
  : Client & { readonly experiments?: ExperimentsApi; readonly recommendations?: RecommendationsApi }

/** Any client at all. */
export type AnyClient = Pick<Client, 'anonymousId' | 'userId' | 'close'> & {
  track(name: string, properties?: never): Promise<unknown>
  readonly experiments?: ExperimentsApi
  readonly recommendations?: RecommendationsApi
}
