/** The operations on the config as a whole: reading, validating, its history, and going back. */
import { validate } from '@nunchi/protocol'
import type { Operation } from './operation.ts'
import { inForce, maxMistakes } from './publisher.ts'
import { maybeText, objectOf, wholeOf } from './read-body.ts'
import { revertTo, unknownNumber } from './revert.ts'
import { told } from './told.ts'

/** All of them. */
export const configOperations: Operation[] = [
  {
    id: 'getDefinition',
    method: 'GET',
    path: '/config',
    summary: 'Everything that people manage in the environment, as it is in force.',
    scope: 'config:read',
    query: { number: 'What was in force under this number.' },
    answer: 'Definition',
    async run({ gateway, query }) {
      const number = query['number']
      if (number === undefined) return inForce(gateway)
      const wanted = wholeOf({ number: Number(number) }, 'number', 1, Number.MAX_SAFE_INTEGER)
      const found = await gateway.read(wanted)
      if (!found) throw unknownNumber(wanted)
      return found
    },
  },
  {
    id: 'validateDefinition',
    method: 'POST',
    path: '/validate',
    summary: 'Names the mistakes of a definition by their paths, at most 1,000; changes nothing.',
    scope: 'config:read',
    body: 'ConfigDefinition',
    answer: 'Mistakes',
    run: async ({ body }) => ({ mistakes: validate(objectOf(body)).slice(0, maxMistakes) }),
  },
  {
    id: 'listVersions',
    method: 'GET',
    path: '/versions',
    summary: 'What was published, the newest first: number, version, who, what, when.',
    scope: 'config:read',
    answer: 'Versions',
    run: async ({ gateway }) => ({ versions: await gateway.versions() }),
  },
  {
    id: 'revert',
    method: 'POST',
    path: '/revert',
    summary: 'Publishes what an earlier number was, as a new number; or one flag or experiment of it.',
    scope: 'config:write',
    body: 'Revert',
    answer: 'Published',
    async run({ gateway, body, base }) {
      const number = wholeOf(body, 'number', 1, Number.MAX_SAFE_INTEGER)
      const only = { flag: maybeText(body, 'flag'), experiment: maybeText(body, 'experiment') }
      return told(await revertTo(gateway, number, base, only))
    },
  },
]
