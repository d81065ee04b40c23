/** The operations on flags. */
import { missing } from './change.ts'
import { deleteFlag, rampFlag, setFlag, switchFlags } from './flags.ts'
import type { Asked, Operation } from './operation.ts'
import { inForce, publishChange } from './publisher.ts'
import { flagOf, maybeText, textOf, wholeOf } from './read-body.ts'
import { told } from './told.ts'

const key = ({ params }: Asked) => params['key'] ?? ''

/** All of them. */
export const flagOperations: Operation[] = [
  {
    id: 'listFlags',
    method: 'GET',
    path: '/flags',
    summary: 'All flags of the environment, with the number of the config they are in.',
    scope: 'config:read',
    answer: 'FlagList',
    async run({ gateway }) {
      const { number, version, definition } = await inForce(gateway)
      return { number, version, flags: definition.flags }
    },
  },
  {
    id: 'getFlag',
    method: 'GET',
    path: '/flags/{key}',
    summary: 'One flag.',
    scope: 'config:read',
    answer: 'FlagDefinition',
    async run(asked) {
      const { flags } = (await inForce(asked.gateway)).definition
      const flag = Object.hasOwn(flags, key(asked)) ? flags[key(asked)] : undefined
      if (!flag) throw missing('flag', key(asked), Object.keys(flags))
      return flag
    },
  },
  {
    id: 'putFlag',
    method: 'PUT',
    path: '/flags/{key}',
    summary:
      'Makes or replaces a flag. Its revision counts up when the change may give somebody another value.',
    scope: 'config:write',
    body: 'FlagInput',
    answer: 'Published',
    run: async (asked) =>
      told(await publishChange(asked.gateway, setFlag(key(asked), flagOf(asked.body)), asked.base)),
  },
  {
    id: 'deleteFlag',
    method: 'DELETE',
    path: '/flags/{key}',
    summary: 'Takes a flag away; pages that ask for it get their fallback.',
    scope: 'config:write',
    answer: 'Published',
    run: async (asked) => told(await publishChange(asked.gateway, deleteFlag(key(asked)), asked.base)),
  },
  {
    id: 'rampFlag',
    method: 'POST',
    path: '/flags/{key}/ramp',
    summary: 'Sets how many a rule’s rollout lets in, in ppm. Growing it moves nobody out.',
    scope: 'config:write',
    body: 'Ramp',
    answer: 'Published',
    async run(asked) {
      const coverage = wholeOf(asked.body, 'coverage', 0, 1_000_000)
      const change = rampFlag(key(asked), coverage, maybeText(asked.body, 'rule'))
      return told(await publishChange(asked.gateway, change, asked.base))
    },
  },
  ...([false, true] as const).map(
    (enabled): Operation => ({
      id: enabled ? 'enableFlags' : 'disableFlags',
      method: 'POST',
      path: enabled ? '/flags/enable' : '/flags/disable',
      summary: enabled
        ? 'Takes the kill switch of all flags that fit a pattern back.'
        : 'Throws the kill switch of all flags that fit a pattern: `checkout-*`. Visible pages follow within seconds.',
      scope: 'config:write',
      body: 'Pattern',
      answer: 'Published',
      run: async (asked) =>
        told(
          await publishChange(asked.gateway, switchFlags(textOf(asked.body, 'pattern'), enabled), asked.base),
        ),
    }),
  ),
]
