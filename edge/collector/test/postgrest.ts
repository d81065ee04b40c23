/** An HTTP endpoint in the shape of PostgREST's rpc, over a real Postgres with Supabase's roles. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Sql } from 'postgres'

/** A running endpoint. */
export interface Postgrest {
  url: string
  close(): Promise<void>
}

interface Refusal {
  status: number
  code: string
  message: string
  details: string | null
  hint: string | null
}

const refusal = (status: number, code: string, message: string): Refusal => ({
  status,
  code,
  message,
  details: null,
  hint: null,
})

/** PostgREST's statuses for the SQLSTATEs that the contract meets. */
function statusOf(state: string): number {
  if (state === '42501') return 403
  if (state.startsWith('22') || state.startsWith('23502') || state === '42883') return 400
  if (state.startsWith('23')) return 409
  return state.startsWith('08') || state.startsWith('57') ? 503 : 500
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Runs one rpc as PostgREST does: one transaction, the role and the claims set locally, the body bound as text. */
async function rpc(sql: Sql, schema: string, role: string, fn: string, body: string): Promise<unknown> {
  const [known] = await sql.unsafe(
    `select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname = $2`,
    [schema, fn],
  )
  if (!known)
    throw refusal(404, 'PGRST202', `Could not find the function ${schema}.${fn}(args) in the schema cache`)
  return sql.begin(async (tx) => {
    await tx.unsafe(
      `select set_config('role', $1, true), set_config('search_path', $2, true), set_config('request.jwt.claims', $3, true)`,
      [role, schema, JSON.stringify({ role })],
    )
    const [row] = await tx.unsafe(
      `select to_json(call.result)::text as text from (select $1::text::json as body) payload,
       lateral (select args from json_to_record(payload.body) as _(args jsonb)) given,
       lateral (select "${schema}"."${fn.replaceAll('"', '""')}"(args := given.args) as result) call`,
      [body],
    )
    return row?.['text'] ?? 'null'
  })
}

/**
 * Serves `POST /rest/v1/rpc/<fn>`.
 *
 * @param sql a client logged in as `authenticator`
 * @param keys which role each key stands for
 * @param exposed the schemas that may be asked for
 */
export async function startPostgrest(
  sql: Sql,
  keys: { [key: string]: string },
  exposed: string[],
): Promise<Postgrest> {
  async function answer(request: IncomingMessage): Promise<string> {
    const fn = decodeURIComponent(/^\/rest\/v1\/rpc\/([^?]+)/.exec(request.url ?? '')?.[1] ?? '')
    const schema = String(request.headers['content-profile'] ?? 'public')
    const role = keys[String(request.headers.authorization ?? '').replace(/^Bearer /, '')]
    if (!role) throw refusal(401, 'PGRST301', 'No suitable key or wrong key type')
    if (!exposed.includes(schema))
      throw refusal(406, 'PGRST106', `The schema must be one of: ${exposed.join(', ')}`)
    return String(await rpc(sql, schema, role, fn, await readBody(request)))
  }
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const text = await answer(request)
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(text)
    } catch (error) {
      const { status, code = '', message, detail, hint } = error as Refusal & { detail?: string }
      const body = { code, message, details: detail ?? null, hint: hint ?? null }
      response
        .writeHead(status ?? statusOf(code), { 'content-type': 'application/json' })
        .end(JSON.stringify(body))
    }
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
