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
}

/**
 * Finds or makes the project `name` with a public and a server key for development.
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
  if (keys.some(({ kind }) => kind === 'srv')) return { projectId, key }
  const { key: serverKey } = await addKey(owner, { projectId, environment, kind: 'srv' })
  return { projectId, key, serverKey }
}
