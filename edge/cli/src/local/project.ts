/** A project with keys for trying things out: made the first time, found again afterwards. */
import type { Storage } from '@nunchi/collector'
import { addKey, type ListedKey } from '../keys.ts'

/** What a page and a server need. */
export interface ProjectKeys {
  projectId: string
  /** The public key; the same at each start. */
  key: string
  /** The server key's text, only when it was made just now: afterwards nobody knows it. */
  serverKey?: string
  /** A key that opens the overview and nothing else; only when it was made just now. */
  overviewKey?: string
}

/** The one scope of the key that the overview takes. */
const overview = ['overview:read']

/**
 * Finds or makes the project `name` with a public, a server and an overview key for development.
 *
 * @param owner storage as `nunchi_owner`
 */
export async function prepareProject(owner: Storage, name: string): Promise<ProjectKeys> {
  const { projectId } = await owner.call<{ projectId: string }>('create_project', { name })
  const environment = 'development'
  const keys = (await owner.call<ListedKey[]>('list_keys', { projectId })).filter(
    (key) => key.environment === environment && key.revokedAt === null,
  )
  // A key that only some sites may use is somebody's own: pages on localhost would be refused.
  const open = keys.find(({ kind, plain, origins }) => kind === 'pub' && plain && origins.length === 0)
  const key = open?.plain ?? (await addKey(owner, { projectId, environment, kind: 'pub' })).key
  const make = async (scopes: string[]) =>
    (await addKey(owner, { projectId, environment, kind: 'srv', scopes })).key
  const servers = keys.filter(({ kind }) => kind === 'srv')
  const opens = ({ scopes }: ListedKey) => scopes.join() === overview.join()
  return {
    projectId,
    key,
    ...(servers.some((one) => !opens(one)) ? {} : { serverKey: await make([]) }),
    ...(servers.some(opens) ? {} : { overviewKey: await make(overview) }),
  }
}
