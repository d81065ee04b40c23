/** `nunchi keys`: makes, revokes and lists API keys. */
import type { Storage } from '@nunchi/collector'
import { keyKind } from '@nunchi/protocol'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { addKey, keyHash, type ListedKey } from '../keys.ts'
import { dim, print, table } from '../print.ts'

const createArgs = {
  project: { type: 'string', description: "The project's name; made where there is none", required: true },
  environment: {
    type: 'enum',
    options: ['development', 'staging', 'production'] as ('development' | 'staging' | 'production')[],
    description: 'Where it will be used',
    default: 'production',
  },
  kind: {
    type: 'enum',
    options: ['pub', 'srv'] as ('pub' | 'srv')[],
    description: 'pub for pages, srv for servers',
    default: 'pub',
  },
  origins: {
    type: 'string',
    description: 'Only these sites may use it: https://a.example,https://b.example',
  },
  scopes: {
    type: 'string',
    description: 'Only these things may be done with it (server keys): events:write,…',
  },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function readOrigins(text: string | undefined): string[] {
  for (const origin of list(text))
    if (!URL.canParse(origin) || new URL(origin).origin !== origin.toLowerCase())
      throw new CliError(
        'usage',
        `"${origin}" is not an origin; write scheme, host and port only, like https://shop.example`,
      )
  return list(text)
}

const create: CommandDef = command({
  meta: { name: 'keys create', description: 'Make a key and print it, once' },
  args: createArgs,
  async run({ args }) {
    const { environment, kind } = args
    const origins = readOrigins(args.origins)
    const scopes = list(args.scopes)
    if (kind === 'pub' && scopes.length > 0)
      throw new CliError('usage', 'Scopes belong to server keys; leave --scopes away, or say --kind srv.')
    await withDatabase(args, async ({ owner }) => {
      const { projectId } = await owner.call<{ projectId: string }>('create_project', {
        name: args.project,
        actor: actor(),
      })
      const { key, keyId } = await addKey(owner, { projectId, environment, kind, origins, scopes })
      if (args.json)
        return print(JSON.stringify({ key, keyId, projectId, kind, environment, origins, scopes }))
      print(key)
      if (kind === 'srv') print(dim('Shown this once: keep it where your server keeps its secrets.'))
    })
  },
})

const when = (time: number | null): string => (time === null ? '' : new Date(time).toISOString().slice(0, 10))

const listArgs = {
  project: { type: 'string', description: 'Only keys of this project' },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
} as const

const listKeys: CommandDef = command({
  meta: { name: 'keys list', description: 'List all keys, never the text of a server key' },
  args: listArgs,
  async run({ args }) {
    await withDatabase(args, async ({ owner }) => {
      const all = await owner.call<ListedKey[]>('list_keys', {})
      const keys = all.filter(({ projectName }) => !args.project || projectName === args.project)
      if (args.json) return print(JSON.stringify(keys, null, 2))
      if (keys.length === 0) return print('No keys yet; make one with: nunchi keys create --project NAME')
      const rows = keys.map((key) => [
        key.keyId,
        key.projectName,
        key.environment,
        key.plain ?? `nk_${key.kind}_…${key.hint}`,
        key.origins.join(' ') || (key.kind === 'pub' ? 'any' : '–'),
        key.scopes.join(' ') || '–',
        when(key.createdAt),
        when(key.revokedAt),
      ])
      print(table(['id', 'project', 'environment', 'key', 'origins', 'scopes', 'created', 'revoked'], rows))
    })
  },
})

const revokeArgs = {
  key: { type: 'positional', required: true, description: 'The key itself, its id, or its last characters' },
  ...databaseArgs,
} as const

/** How the database is told which key; a whole key by its hash, since two may end alike. */
function named(text: string): { hash: string } | { keyId: string } | { hint: string } {
  if (keyKind(text)) return { hash: keyHash(text) }
  return /^\d{1,9}$/.test(text) ? { keyId: text } : { hint: text.replace(/^nk_(pub|srv)_…?/, '') }
}

async function revokeOne(owner: Storage, text: string): Promise<string> {
  const { revoked } = await owner.call<{ revoked: { keyId: string; hint: string }[] }>('revoke_key', {
    ...named(text),
    actor: actor(),
  })
  const [key] = revoked
  if (!key)
    throw new CliError(
      'key_not_found',
      `No key in force fits "${keyKind(text) ? `…${text.slice(-6)}` : text}"; nunchi keys list shows them all.`,
    )
  return `Revoked key ${key.keyId} (…${key.hint}); collectors refuse it within two seconds.`
}

const revoke: CommandDef = command({
  meta: { name: 'keys revoke', description: 'Stop a key from working, within two seconds' },
  args: revokeArgs,
  async run({ args }) {
    await withDatabase(args, async ({ owner }) => print(await revokeOne(owner, args.key)))
  },
})

/** Makes, revokes and lists API keys. */
export const keys: CommandDef = {
  meta: { name: 'keys', description: 'Make, revoke and list API keys' },
  subCommands: { create, list: listKeys, revoke },
}
