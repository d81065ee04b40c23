/** `nunchi erase ID`: erases one person from every table, and refuses what still comes in their name. */
import type { Storage } from '@nunchi/collector'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { personPages } from '../person-pages.ts'
import { print, table } from '../print.ts'
import { type Project, projectNamed } from '../project-named.ts'

const args = {
  id: {
    type: 'positional',
    required: true,
    description: 'Any id of the person: user, anonymous, or a former one',
  },
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  'dry-run': { type: 'boolean', description: 'Only says what would be erased' },
  lift: { type: 'boolean', description: 'Lets an erased id return; what was erased does not come back' },
  ...databaseArgs,
} as const

interface Erased {
  done: boolean
  ids: number
  removed: { [table: string]: number }
}

const counted = (rows: { [table: string]: number }): string =>
  table(
    ['table', 'rows'],
    Object.entries(rows).map(([name, count]) => [name, String(count)]),
  )

async function rehearse(owner: Storage, { projectId, name }: Project, id: string): Promise<void> {
  const { ids, tables, pages } = await personPages(owner, { projectId, id, count: true })
  const rows: { [table: string]: number } = {}
  for (const table of tables) {
    rows[table] = 0
    for await (const count of pages<number>(table)) rows[table] += count
  }
  print(`${ids.length} ids in ${name}: ${ids.join(', ')}`)
  print(counted(rows))
  print('Nothing was erased. Run it without --dry-run to erase; nothing brings it back but a backup.')
}

async function lift(owner: Storage, { projectId, name }: Project, id: string): Promise<void> {
  const { lifted } = await owner.call<{ lifted: boolean }>('lift_erasure', { projectId, id, actor: actor() })
  if (!lifted) throw new CliError('id_not_erased', `"${id}" is not among the erased ids of ${name}.`)
  print(`"${id}" may return to ${name}. What was erased stays erased.`)
}

async function eraseAll(owner: Storage, { projectId, name }: Project, id: string): Promise<void> {
  for (;;) {
    const { done, ids, removed } = await owner.call<Erased>('erase_person', { projectId, id, actor: actor() })
    if (!done) continue
    print(`Erased from ${name}, by ${ids} ids:`)
    print(counted(removed))
    return print('What still comes under these ids is refused. Backups made before still hold the person.')
  }
}

/** Erases a person. */
export const erase: CommandDef = command({
  meta: {
    name: 'erase',
    description: 'Erase one person from every table, and refuse what still comes of them',
  },
  args,
  run: ({ args: given }) =>
    withDatabase(given, async ({ owner }) => {
      const project = await projectNamed(owner, given.project)
      if (given.lift) return lift(owner, project, given.id)
      return given['dry-run'] ? rehearse(owner, project, given.id) : eraseAll(owner, project, given.id)
    }),
})
