/** What the operations on flags and on experiments are alike in: how they read one and all, and how they publish. */
import type { ConfigDefinition } from '@nunchi/protocol'
import { type MakeChange, missing } from './change.ts'
import type { Asked, Operation } from './operation.ts'
import { inForce, publishChange } from './publisher.ts'
import { told } from './told.ts'

/** The key that the path names. */
export const keyOf = ({ params }: Asked): string => params['key'] ?? ''

/** Publishes what `make` makes of what was asked, on the number that was read. */
export function publishing(make: (asked: Asked) => MakeChange): Operation['run'] {
  return async (asked) => told(await publishChange(asked.gateway, make(asked), asked.base))
}

/** What kinds there are: their place in a definition, and their name in the API. */
const kinds = {
  flag: { members: 'flags', name: 'Flag' },
  experiment: { members: 'experiments', name: 'Experiment' },
} as const

function membersOf(definition: ConfigDefinition, kind: keyof typeof kinds): { [key: string]: object } {
  return definition[kinds[kind].members]
}

/** The operations that list all of a kind, and get one. */
export function reading(kind: keyof typeof kinds): Operation[] {
  const { members, name } = kinds[kind]
  return [
    {
      id: `list${name}s`,
      method: 'GET',
      path: `/${members}`,
      summary: `All ${members} of the environment, with the number of the config they are in.`,
      scope: 'config:read',
      answer: `${name}List`,
      async run({ gateway }) {
        const { number, version, definition } = await inForce(gateway)
        return { number, version, [members]: membersOf(definition, kind) }
      },
    },
    {
      id: `get${name}`,
      method: 'GET',
      path: `/${members}/{key}`,
      summary: `One ${kind}.`,
      scope: 'config:read',
      answer: `${name}Definition`,
      async run(asked) {
        const [key, all] = [keyOf(asked), membersOf((await inForce(asked.gateway)).definition, kind)]
        const found = Object.hasOwn(all, key) ? all[key] : undefined
        if (!found) throw missing(kind, key, Object.keys(all))
        return found
      },
    },
  ]
}
