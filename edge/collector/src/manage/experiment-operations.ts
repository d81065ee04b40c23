/** The operations on experiments. */
import { type MakeChange, missing } from './change.ts'
import {
  completeExperiment,
  deleteExperiment,
  pauseExperiment,
  setExperiment,
  startExperiment,
} from './experiments.ts'
import type { Asked, Operation } from './operation.ts'
import { inForce, publishChange } from './publisher.ts'
import { experimentOf, maybeText } from './read-body.ts'
import { told } from './told.ts'

const key = ({ params }: Asked) => params['key'] ?? ''

const publishing =
  (make: (asked: Asked) => MakeChange): Operation['run'] =>
  async (asked) =>
    told(await publishChange(asked.gateway, make(asked), asked.base))

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
  {
    id: 'listExperiments',
    method: 'GET',
    path: '/experiments',
    summary: 'All experiments of the environment, with the number of the config they are in.',
    scope: 'config:read',
    answer: 'ExperimentList',
    async run({ gateway }) {
      const { number, version, definition } = await inForce(gateway)
      return { number, version, experiments: definition.experiments }
    },
  },
  {
    id: 'getExperiment',
    method: 'GET',
    path: '/experiments/{key}',
    summary: 'One experiment.',
    scope: 'config:read',
    answer: 'ExperimentDefinition',
    async run(asked) {
      const { experiments } = (await inForce(asked.gateway)).definition
      const found = Object.hasOwn(experiments, key(asked)) ? experiments[key(asked)] : undefined
      if (!found) throw missing('experiment', key(asked), Object.keys(experiments))
      return found
    },
  },
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
      setExperiment(key(asked), experimentOf(asked.body), asked.query['restart'] === '1'),
    ),
  },
  {
    id: 'deleteExperiment',
    method: 'DELETE',
    path: '/experiments/{key}',
    summary: 'Takes an experiment away: a draft, or one that is completed. Its exposures and results stay.',
    scope: 'config:write',
    answer: 'Published',
    run: publishing((asked) => deleteExperiment(key(asked))),
  },
  step('start', 'Starts a draft, or goes on with one that is paused.', (asked) =>
    startExperiment(key(asked)),
  ),
  step('pause', 'Stops assigning for now; everybody gets the control.', (asked) =>
    pauseExperiment(key(asked)),
  ),
  step(
    'complete',
    'Ends an experiment for good; `winner` is what everybody gets from now on.',
    (asked) =>
      completeExperiment(key(asked), asked.body === undefined ? undefined : maybeText(asked.body, 'winner')),
    'Completion',
  ),
]
