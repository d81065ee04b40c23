/** The operations on experiments. */
import { keyOf, publishing, reading } from './asking.ts'
import type { MakeChange } from './change.ts'
import {
  completeExperiment,
  deleteExperiment,
  pauseExperiment,
  setExperiment,
  startExperiment,
} from './experiments.ts'
import type { Asked, Operation } from './operation.ts'
import { experimentOf, maybeText } from './read-body.ts'

/** One step of an experiment's life. */
function step(verb: string, summary: string, make: (asked: Asked) => MakeChange, body?: string): Operation {
  return {
    id: `${verb}Experiment`,
    method: 'POST',
    path: `/experiments/{key}/${verb}`,
    summary,
    scope: 'config:write',
    ...(body === undefined ? {} : { body }),
    answer: 'Published',
    run: publishing(make),
  }
}

/** All of them. */
export const experimentOperations: Operation[] = [
  ...reading('experiment'),
  {
    id: 'putExperiment',
    method: 'PUT',
    path: '/experiments/{key}',
    summary:
      'Makes an experiment as a draft, or replaces its definition. Once it has started its plan stays, and what may move people needs `?restart=1`, a new revision.',
    scope: 'config:write',
    query: { restart: '`1` allows changes that may show people another variant, as a new revision.' },
    body: 'ExperimentInput',
    answer: 'Published',
    run: publishing((asked) =>
      setExperiment(keyOf(asked), experimentOf(asked.body), asked.query['restart'] === '1'),
    ),
  },
  {
    id: 'deleteExperiment',
    method: 'DELETE',
    path: '/experiments/{key}',
    summary: 'Takes an experiment away: a draft, or one that is completed. Its exposures and results stay.',
    scope: 'config:write',
    answer: 'Published',
    run: publishing((asked) => deleteExperiment(keyOf(asked))),
  },
  step('start', 'Starts a draft, or goes on with one that is paused.', (asked) =>
    startExperiment(keyOf(asked)),
  ),
  step('pause', 'Stops assigning for now; everybody gets the control.', (asked) =>
    pauseExperiment(keyOf(asked)),
  ),
  step(
    'complete',
    'Ends an experiment for good; `winner` is what everybody gets from now on.',
    (asked) =>
      completeExperiment(
        keyOf(asked),
        asked.body === undefined ? undefined : maybeText(asked.body, 'winner'),
      ),
    'Completion',
  ),
]
