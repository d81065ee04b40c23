/** Finds out whether an address is a pooler in transaction mode. */
import connect from 'postgres'

/**
 * Whether two connections that stand at the same time met the same server process: only a pooler that
 * hands its server connections out by the transaction does that. `false` proves nothing.
 */
export async function transactionPooled(url: string): Promise<boolean> {
  const settings = { max: 1, onnotice: () => {}, prepare: false, fetch_types: false }
  const clients = [connect(url, settings), connect(url, settings)]
  try {
    const seen: unknown[] = []
    for (const client of clients)
      seen.push((await client.unsafe('select pg_catalog.pg_backend_pid() as pid'))[0]?.['pid'])
    return seen[0] === seen[1]
  } finally {
    await Promise.all(clients.map((client) => client.end({ timeout: 5 })))
  }
}
