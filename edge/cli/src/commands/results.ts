/** `nunchi results`: what an experiment did, and what to do. */
import { Problem } from '@nunchi/collector'
import { dimensions, experimentResults, ownerResults } from '@nunchi/collector/results'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs } from '../config/environment-of.ts'
import { withDatabase } from '../database/open.ts'
import { print } from '../print.ts'
import { projectNamed } from '../project-named.ts'
import { resultsText } from '../results/results-text.ts'

const each = [...dimensions]

/** Shows the results of an experiment. */
export const results: CommandDef = command({
  meta: { name: 'results', description: 'Show what an experiment did, and what to do' },
  args: {
    key: { type: 'positional', required: true, description: 'The experiment' },
    revision: { type: 'string', description: 'Which revision; without it the newest' },
    dimension: { type: 'enum', options: each, description: 'Shows each metric by its values' },
    series: { type: 'boolean', description: 'Shows each metric as it stood at the end of each day' },
    stratify: { type: 'enum', options: each, description: 'Compares within its values, and combines' },
    correction: {
      type: 'enum',
      options: ['holm', 'benjamini-hochberg'],
      default: 'holm',
      description: 'How several goals and variants are corrected',
    },
    language: {
      type: 'enum',
      options: ['en', 'ko'],
      default: 'en',
      description: 'The language of the sentences',
    },
    ...configArgs,
  },
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      const { projectId } = await projectNamed(owner, args.project)
      const environment = args.environment ?? 'production'
      const gateway = ownerResults(owner, { projectId, environment })
      const { key, revision, dimension, stratify, correction } = args
      const series = args.series ? 'day' : undefined
      const asked = { experiment: key, revision, dimension, stratify, correction, series }
      const found = await experimentResults(gateway, asked).catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error
        throw new CliError(
          'experiment_not_found',
          `${error.message} It was looked for in ${environment}; --environment names another. ${error.fix}`,
        )
      })
      if (args.json) print(JSON.stringify(found, null, 2))
      else for (const line of resultsText(found, args.language === 'ko' ? 'ko' : 'en')) print(line)
    }),
})
