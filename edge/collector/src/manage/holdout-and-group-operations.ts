/** The operations on what flags and experiments share. */
import { keyOf, publishing } from './asking.ts'
import { deleteShared, setGroup, setHoldout } from './holdouts-and-groups.ts'
import type { Operation } from './operation.ts'
import { groupOf, holdoutOf } from './read-body.ts'

/** All of them. What there is, `GET /config` tells. */
export const holdoutAndGroupOperations: Operation[] = [
  {
    id: 'putHoldout',
    method: 'PUT',
    path: '/holdouts/{key}',
    summary: 'Makes or replaces a holdout: visitors kept out of every experiment that names it.',
    scope: 'config:write',
    query: { restart: '`1` allows to hold out others, as a new revision of the experiments that name it.' },
    body: 'Holdout',
    answer: 'Published',
    run: publishing((asked) =>
      setHoldout(keyOf(asked), holdoutOf(asked.body), asked.query['restart'] === '1'),
    ),
  },
  {
    id: 'deleteHoldout',
    method: 'DELETE',
    path: '/holdouts/{key}',
    summary: 'Takes a holdout away that no experiment names.',
    scope: 'config:write',
    answer: 'Published',
    run: publishing((asked) => deleteShared('holdout', keyOf(asked))),
  },
  {
    id: 'putGroup',
    method: 'PUT',
    path: '/groups/{key}',
    summary: 'Makes or replaces a group: the values that `$inGroup` and `$notInGroup` ask for.',
    scope: 'config:write',
    body: 'Group',
    answer: 'Published',
    run: publishing((asked) => setGroup(keyOf(asked), groupOf(asked.body))),
  },
  {
    id: 'deleteGroup',
    method: 'DELETE',
    path: '/groups/{key}',
    summary: 'Takes a group away that no condition names.',
    scope: 'config:write',
    answer: 'Published',
    run: publishing((asked) => deleteShared('group', keyOf(asked))),
  },
]
