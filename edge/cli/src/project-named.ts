/** Finds the project that a command is about. */
import type { Storage } from '@nunchi/collector'
import { CliError } from './cli-error.ts'

/** A project. */
export interface Project {
  projectId: string
  name: string
  /** How many days its events are kept; `null` for ever. */
  retentionDays: number | null
}

/**
 * The project of that name; without a name the only one there is.
 *
 * @throws CliError `project_not_found`
 */
export async function projectNamed(owner: Storage, name: string | undefined): Promise<Project> {
  const all = await owner.call<Project[]>('list_projects', {})
  const found = name === undefined && all.length === 1 ? all[0] : all.find((project) => project.name === name)
  if (found) return found
  const names =
    all.length === 0 ? 'there is none yet' : `there are ${all.map((project) => project.name).join(', ')}`
  throw new CliError(
    'project_not_found',
    name === undefined
      ? `Say which project with --project NAME; ${names}.`
      : `There is no project "${name}"; ${names}.`,
  )
}
