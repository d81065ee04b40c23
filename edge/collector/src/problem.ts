/** What goes wrong with a request, as an error inside and as problem+json (RFC 9457) outside. */
import type { ProblemBody, ProblemCode, RequestProblemCode } from '@nunchi/protocol'
import { problemTable } from './problem-table.ts'

/** Where the documentation of every code lives; the code follows as the fragment. */
export const defaultDocs = 'https://nunchi.dev/docs/errors'

/** What a `Problem` may say beyond its code. */
export interface ProblemOptions {
  /** One sentence: what was wrong and where. Default: the code's general sentence. */
  detail?: string
  /** One sentence: what to do. Default: the code's. */
  fix?: string
  /** Default: the code's. */
  status?: number
  /** Seconds until a new attempt makes sense. */
  retryAfter?: number
  /** More headers of the answer, such as `Allow`. */
  headers?: Record<string, string>
  /** More members of the answer's body, such as `mistakes`. */
  more?: object
  /** What caused it; goes to the log, never to the client. */
  cause?: unknown
}

/** A request that cannot be served as asked: a code, one sentence, the fix. Thrown anywhere, answered by the app. */
export class Problem extends Error {
  readonly code: RequestProblemCode
  readonly status: number
  readonly fix: string
  readonly retryAfter: number | undefined
  readonly headers: Record<string, string>
  readonly more: object

  constructor(code: RequestProblemCode, options: ProblemOptions = {}) {
    const entry = problemTable[code]
    super(options.detail ?? entry.detail, { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.status = options.status ?? entry.status
    this.fix = options.fix ?? entry.fix
    this.retryAfter = options.retryAfter
    this.headers = options.headers ?? {}
    this.more = options.more ?? {}
  }
}

/** The address of a code's entry in the documentation. */
export function docsOf(code: ProblemCode, docs: string = defaultDocs): string {
  return `${docs}#${code}`
}

/** What the client gets to read of a problem: no stack, no SQL, no path. */
export function problemBody(problem: Problem, requestId: string, docs?: string): ProblemBody {
  const { code, status, message: detail, fix } = problem
  const body = {
    type: docsOf(code, docs),
    code,
    title: problemTable[code].title,
    status,
    detail,
    fix,
    requestId,
  }
  return { ...problem.more, ...body }
}
