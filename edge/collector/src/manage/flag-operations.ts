/** The operations on flags. */
import { keyOf, publishing, reading } from './asking.ts'
import { deleteFlag, rampFlag, setFlag, switchFlags } from './flags.ts'
import type { Operation } from './operation.ts'
import { flagOf, maybeText, textOf, wholeOf } from './read-body.ts'

/** All of them. */
export const flagOperations: Operation[] = [
  ...reading('flag'),
  {
    id: 'putFlag',
    method: 'PUT',
    path: '/flags/{key}',
    summary:
      'Makes or replaces a flag. Its revision counts up when the change may give somebody another value.',
    scope: 'config:write',
    body: 'FlagInput',
    answer: 'Published',
    run: publishing((asked) => setFlag(keyOf(asked), flagOf(asked.body))),
  },
  {
    id: 'deleteFlag',
    method: 'DELETE',
    path: '/flags/{key}',
    summary: 'Takes a flag away; pages that ask for it get their fallback.',
    scope: 'config:write',
    answer: 'Published',
    run: publishing((asked) => deleteFlag(keyOf(asked))),
  },
  {
    id: 'rampFlag',
    method: 'POST',
    path: '/flags/{key}/ramp',
    summary: 'Sets how many a rule’s rollout lets in, in ppm. Growing it moves nobody out.',
    scope: 'config:write',
    body: 'Ramp',
    answer: 'Published',
    run: publishing((asked) =>
      rampFlag(keyOf(asked), wholeOf(asked.body, 'coverage', 0, 1_000_000), maybeText(asked.body, 'rule')),
    ),
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
      run: publishing((asked) => switchFlags(textOf(asked.body, 'pattern'), enabled)),
    }),
  ),
]
