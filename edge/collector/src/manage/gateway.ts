/** The two ways into an environment's config: by a server key through the collector, and as the database's owner. */
import { unavailable } from '../failure.ts'
import { Problem } from '../problem.ts'
import type { Storage } from '../storage/storage.ts'
import type { Gateway, Publication, Published } from './publisher.ts'

type Versions = Awaited<ReturnType<Gateway['versions']>>
type Refused = { error: 'key_unknown' | 'key_not_allowed' }
type Written = { number: number } | { error: 'config_conflict'; number: number } | Refused

function refuse(answer: object | null): void {
  const { error } = (answer ?? {}) as { error?: string }
  if (error === 'key_unknown' || error === 'key_not_allowed') throw new Problem(error)
}

function writtenOf(answer: Written): Awaited<ReturnType<Gateway['write']>> {
  refuse(answer)
  const { number, error } = answer as { number: number; error?: string }
  return error === undefined ? { number } : { conflict: number }
}

/** Project, environment and actor are the key's. */
export function keyGateway(storage: Storage, keyHash: string): Gateway {
  const call = <Answer>(fn: string, args: object): Promise<Answer> =>
    storage.call<Answer>(fn, { ...args, keyHash }).catch((error: unknown) => {
      throw unavailable(error, 2)
    })
  return {
    async read(number) {
      const answer = await call<Published | null>('config_definition_by_key', { number })
      refuse(answer)
      return answer
    },
    async versions() {
      const answer = await call<Versions | Refused>('config_history_by_key', {})
      refuse(answer)
      return answer as Versions
    },
    write: async (publication: Publication) =>
      writtenOf(await call<Written>('publish_config_by_key', publication)),
    refused: (mistakes) => call('refuse_config_by_key', { mistakes }),
  }
}

/**
 * As the owner.
 *
 * @param actor who does it, as the audit log names them: `cli:kim`
 */
export function ownerGateway(
  owner: Storage,
  whose: { projectId: string; environment: string },
  actor: string,
): Gateway {
  return {
    read: (number) => owner.call<Published | null>('config_definition', { ...whose, number }),
    versions: () => owner.call<Versions>('config_history', whose),
    write: async (publication) =>
      writtenOf(await owner.call<Written>('publish_config', { ...publication, ...whose, actor })),
    refused: (mistakes) => owner.call('refuse_config', { mistakes, ...whose, actor }),
  }
}
