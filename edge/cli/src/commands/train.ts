/** `nunchi recommendations train`: computes neighbors anew now, instead of waiting for the daily job. */
import { createLog, recommendationTraining, type TrainingProgress } from '@nunchi/collector/training'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs } from '../config/environment-of.ts'
import { withDatabase } from '../database/open.ts'
import { dim, print } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const steps = {
  read: 'interactions read',
  neighbors: 'neighbors',
  ease: 'EASE, for a small catalog',
  finish: 'done',
} as const

/** Prints a line where a step begins, and at every fifth of it. */
function lines(): (progress: TrainingProgress) => void {
  let last = ''
  return ({ step, done, of }) => {
    const share = step === 'read' ? done : Math.floor((5 * done) / of) * 20
    const line =
      step === 'finish'
        ? ''
        : step === 'read'
          ? `  ${share.toLocaleString('en')} ${steps[step]}`
          : `  ${steps[step]}: ${share} %`
    if (line !== last && line) print(dim(line))
    last = line
  }
}

/** Trains one environment, with progress. */
export const train: CommandDef = command({
  meta: { name: 'recommendations train', description: 'Compute the neighbors of all items anew, now' },
  args: configArgs,
  run: ({ args: given }) =>
    withDatabase(given, async ({ owner }) => {
      const { projectId, name } = await projectNamed(owner, given.project)
      const place = { projectId, environment: given.environment ?? 'production' }
      let warned: string | undefined
      const log = createLog((line: string) => {
        warned = line
      }, 'warn')
      const training = recommendationTraining(log, { everyMs: 0, place })
      const { state, trained } = await training.run(owner, given.json ? {} : { onProgress: lines() })
      if (state === 'failed')
        throw new CliError(
          'check_failed',
          `Training failed; what lists were made of before stays. ${warned ?? ''}`,
        )
      if (given.json) return print(JSON.stringify({ ...place, trained }, null, 2))
      print(
        trained > 0
          ? `Recommendations of ${name} in ${place.environment} are made of what was found now.`
          : `Nobody had to do with an item of ${name} in ${place.environment} yet: there is nothing to train on.`,
      )
    }),
})
