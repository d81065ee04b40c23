/** Opens the config of one environment of one project, as the commands on flags and experiments name it. */

import { Problem } from '@nunchi/collector'
import { type Gateway, ownerGateway } from '@nunchi/collector/manage'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { projectNamed } from '../project-named.ts'

type Environment = 'development' | 'staging' | 'production'

/** The options that every command on a config has. */
export const configArgs: {
  project: { type: 'string'; description: string }
  environment: { type: 'enum'; options: Environment[]; description: string; default: string }
  json: { type: 'boolean'; description: string }
} & typeof databaseArgs = {
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  environment: {
    type: 'enum',
    options: ['development', 'staging', 'production'],
    description: 'Which environment',
    default: 'production',
  },
  json: { type: 'boolean', description: 'Prints JSON' },
  ...databaseArgs,
}

/** The options as a command has them. */
export interface Given {
  data: string
  project?: string | undefined
  environment?: string | undefined
  json?: boolean | undefined
}

/** A refusal as the command line says it: what was wrong, what to do, and each mistake on a line of its own. */
export function refusal(problem: Problem): CliError {
  const { mistakes } = problem.more as { mistakes?: { path: string; message: string }[] }
  const text = mistakes
    ? mistakes.map(({ path, message }) => `${path || 'the whole'}: ${message}`).join('\n')
    : `${problem.message} ${problem.fix}`
  return new CliError(problem.code === 'config_invalid' ? 'config_invalid' : 'config_refused', text)
}

/** Runs `work` on the config that the options name. */
export async function withConfig<Result>(
  given: Given,
  work: (gateway: Gateway) => Promise<Result>,
): Promise<Result> {
  const results: Result[] = []
  await withDatabase(given, async ({ owner }) => {
    const { projectId } = await projectNamed(owner, given.project)
    try {
      const gateway = ownerGateway(
        owner,
        { projectId, environment: given.environment ?? 'production' },
        actor(),
      )
      results.push(await work(gateway))
    } catch (error) {
      throw error instanceof Problem ? refusal(error) : error
    }
  })
  return results[0] as Result
}
