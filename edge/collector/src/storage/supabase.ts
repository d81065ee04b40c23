/** The Supabase driver: calls the schema's functions through PostgREST, with supabase-js or anything like it. */
import type { Claims, Storage } from './storage.ts'

/** PostgREST's answer as supabase-js gives it; only what the driver reads. */
interface RpcAnswer {
  data: unknown
  error: { message: string; code?: string; details?: string | null; hint?: string | null } | null
  status?: number
}

/** What the driver needs of a client: `createClient(url, serviceKey, { db: { schema: 'nunchi' } })`. */
export interface SupabaseClient {
  rpc(fn: string, args: { args: unknown }): PromiseLike<RpcAnswer>
}

/** PostgREST's own codes (PGRST…) are no SQLSTATEs; those that a caller treats as such are put into its words. */
function stateOf(code: string | undefined, status: number | undefined): string | undefined {
  const lost = /^PGRST00[0-3]$/.test(code ?? '') || (!code && (!status || status >= 500))
  if (lost) return '08000'
  return code === 'PGRST202' ? '42883' : code || undefined
}

/** What the database or PostgREST refused, or the network lost; `code` is the SQLSTATE where there is one. */
class RpcError extends Error {
  readonly code: string | undefined
  constructor(
    fn: string,
    { code, message, details, hint }: NonNullable<RpcAnswer['error']>,
    status?: number,
  ) {
    super([`${fn}: ${message}`, details, hint].filter(Boolean).join(' '))
    this.name = 'RpcError'
    this.code = stateOf(code, status)
  }
}

/**
 * Storage through Supabase's Data API, with the secret (service_role) key and the schema `nunchi` exposed.
 * One rpc is one transaction, so calls with claims go through `nunchi.as_member()`.
 */
export function supabase(client: SupabaseClient): Storage {
  const running = new Set<Promise<unknown>>()

  async function rpc(fn: string, args: unknown): Promise<unknown> {
    const { data, error, status } = await client.rpc(fn, { args })
    if (error) throw new RpcError(fn, error, status)
    return data
  }

  return {
    call<Result>(fn: string, args: unknown, { claims }: { claims?: Claims } = {}): Promise<Result> {
      const call = claims ? rpc('as_member', { fn, args: args ?? {}, claims }) : rpc(fn, args ?? {})
      running.add(call)
      const done = () => running.delete(call)
      call.then(done, done)
      return call as Promise<Result>
    },
    async close() {
      await Promise.allSettled(running)
    },
  }
}
