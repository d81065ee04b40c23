/** nunchi/next: flags and experiments decided on a Next.js server, for the same visitor and by the same config as in the page. */
export type { Bootstrap } from '../bootstrap.ts'
export {
  type KeepVisitorOptions,
  keepVisitor,
  type VisitorRequest,
  type VisitorResponse,
} from './keep-visitor.ts'
export type { ListQuery } from './list-source.ts'
export { createServerFlags, type ServerFlags, type ServerFlagsOptions } from './server-flags.ts'
export type { AnyCookies, AnyHeaders, Visit, VisitOptions } from './visit.ts'
