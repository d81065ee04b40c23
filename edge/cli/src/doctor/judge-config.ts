/** What `doctor` thinks of the flags and experiments of each environment: what is in force, what was refused, what assigns nobody. */
import { type ConfigMistake, validate } from '@nunchi/protocol'
import type { Check } from '../check.ts'
import { sum, together } from '../quality.ts'
import { fail, ok, warn } from './verdict.ts'

/** An environment's config, as `nunchi.config_states` answers. */
export interface ConfigState {
  project: string
  environment: string
  /** 0 before the first publication. */
  number: number
  definition: unknown
  /** A definition that was refused since. */
  refused: { at: number; actor: string; mistakes: ConfigMistake[] } | null
  /** Exposures and conversions of seven days that assign nobody, by why. */
  failures: { [name: string]: number }
}

const told = (mistakes: ConfigMistake[]): string => {
  const [first] = mistakes
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : ''
  return `${first?.path || 'the whole'} ${first?.message ?? ''}${more}`.replace(/\.$/, '')
}

const sizeOf = (part: unknown): number => Object.keys(part ?? {}).length

/** One check for each environment. */
export function judgeConfig({
  project,
  environment,
  number,
  definition,
  refused,
  failures,
}: ConfigState): Check {
  const name = `config of ${project}${environment === 'production' ? '' : `/${environment}`}`
  const where = `--project ${project} --environment ${environment}`
  const mistakes = number === 0 ? [] : validate(definition)
  if (mistakes.length > 0)
    return fail(
      name,
      `number ${number} is in force with a mistake that pages pass over: ${told(mistakes)}`,
      `Where a newer version wrote it, bring this program to that version; else mend it: nunchi flags validate ${where}`,
    )
  if (refused)
    return warn(
      name,
      `${refused.actor} was refused at ${new Date(refused.at).toISOString()}: ${told(refused.mistakes)}; number ${number} stays in force`,
      'Mend what the sentence names, and publish again.',
    )
  const lost = sum(failures)
  if (lost > 0)
    return warn(
      name,
      `${lost} exposures or conversions of seven days assign nobody, most as ${together([failures])[0]?.[0]}`,
      "docs/reference/events.md says of each what to do; select * from nunchi_data.days where kind = 'experiment_failure' shows the days.",
    )
  const { flags, experiments } = (definition ?? {}) as { flags?: unknown; experiments?: unknown }
  return ok(name, `number ${number}: ${sizeOf(flags)} flags, ${sizeOf(experiments)} experiments`)
}
