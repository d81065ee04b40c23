/** Making API keys, and how the database describes them. */
import { createHash } from 'node:crypto'
import type { Storage } from '@nunchi/collector'
import { createKey, type KeyKind } from '@nunchi/protocol'
import { actor } from './actor.ts'

/** A key as `list_keys` describes it. */
export interface ListedKey {
  keyId: string
  projectId: string
  projectName: string
  environment: string
  kind: KeyKind
  /** Its last characters. */
  hint: string
  /** The key itself; `null` for server keys. */
  plain: string | null
  scopes: string[]
  origins: string[]
  /** In ms since the epoch. */
  createdAt: number
  revokedAt: number | null
}

/** What a new key is for. */
export interface NewKey {
  projectId: string
  environment: string
  kind: KeyKind
  origins?: string[]
  scopes?: string[]
}

/** SHA-256 of a key, hex: all of a server key that the database keeps. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** Makes a key and records it by its hash; a public key's text is kept too, since pages show it anyway. */
export async function addKey(owner: Storage, wanted: NewKey): Promise<{ key: string; keyId: string }> {
  const key = createKey(wanted.kind)
  const { keyId } = await owner.call<{ keyId: string }>('create_key', {
    ...wanted,
    actor: actor(),
    hash: keyHash(key),
    hint: key.slice(-6),
    ...(wanted.kind === 'pub' ? { plain: key } : {}),
  })
  return { key, keyId }
}
