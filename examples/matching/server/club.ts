/** Fills the club on the first start: profiles, who takes part, and a few hellos; and says who signs tokens. */
import { randomBytes } from 'node:crypto'
import { keyHash, type LocalCollector } from '@nunchi/cli'
import { signUser } from 'nunchi/server'
import { hellos, itemOf, people } from './people.ts'

const issuer = 'https://club.example'
const audience = 'nunchi'
const environment = 'development'

/** Signs somebody in: a token that the collector believes for a quarter of an hour. */
export type SignIn = (id: string) => Promise<string>

async function fill({ database, projectId, key }: LocalCollector): Promise<void> {
  const { items } = await database.owner.call<{ items: unknown[] }>('list_items_of', {
    projectId,
    environment,
    type: 'person',
    limit: 1,
  })
  if (items.length > 0) return
  await database.owner.call('set_items_of', { projectId, environment, items: people.map(itemOf) })
  const tell = (userId: string, said: object) =>
    database.app.call('match_tell', { keyHash: keyHash(key), userId, ...said })
  for (const { id } of people) await tell(id, { consent: true })
  for (const [from, to] of hellos) await tell(from, { decide: { id: to, yes: true } })
}

/** Prepares the database, and answers how people are signed in. */
export async function openClub(local: LocalCollector): Promise<SignIn> {
  await fill(local)
  const secret = randomBytes(32).toString('hex')
  await local.database.owner.call('set_token_verifier', {
    projectId: local.projectId,
    environment,
    verifier: { name: 'club', kind: 'secret', algorithm: 'HS256', secret, issuer, audience },
    actor: 'example',
  })
  return (id) => signUser(id, { secret, issuer, audience })
}
