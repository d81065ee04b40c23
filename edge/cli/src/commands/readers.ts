/** `nunchi readers`: says which logins may ask a project's data in SQL. */
import type { Storage } from '@nunchi/collector'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { type Database, databaseArgs, withDatabase } from '../database/open.ts'
import { dim, print, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'

/** How a login role stands in the server. */
interface Login {
  exists: boolean
  /** Whether it is a member of nunchi_reader. */
  member: boolean
  superuser: boolean
  bypassRls: boolean
}

/** What a login may read. */
interface Reader extends Login {
  role: string
  projectName: string
  /** In ms since the epoch. */
  grantedAt: number
}

const roleArgs = {
  role: { type: 'positional', required: true, description: 'The login role in Postgres, such as metabase' },
  project: { type: 'string', description: "The project's name; not needed where there is one" },
  ...databaseArgs,
} as const

/** A role's name as SQL writes it. */
const quoted = (role: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(role) ? role : `"${role.replaceAll('"', '""')}"`

async function setReader(owner: Storage, role: string, project: string | undefined, granted: boolean) {
  const { projectId, name } = await projectNamed(owner, project)
  const login = await owner.call<Login & { changed: boolean }>('set_reader', {
    role,
    projectId,
    granted,
    actor: actor(),
  })
  return { name, login }
}

/** Makes the login a member, or says what an administrator of the server must do. */
async function admit({ session }: Database, role: string, login: Login): Promise<void> {
  const name = quoted(role)
  if (!login.exists) {
    print('There is no such login yet. An administrator of the server makes it with:')
    print(`  create role ${name} login password '…' in role nunchi_reader;`)
    print(`  alter role ${name} set statement_timeout = '60s';`)
    print(`  alter role ${name} set default_transaction_read_only = on;`)
    return
  }
  if (login.superuser || login.bypassRls)
    print(
      `! ${role} is ${login.superuser ? 'a superuser' : 'a login that bypasses row-level security'}: it sees every project, whatever is granted. Use another login.`,
    )
  if (login.member) return
  try {
    await session.exec(`grant nunchi_reader to ${name}`)
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error
    print('One thing is for an administrator of the server:')
    print(`  grant nunchi_reader to ${name};`)
  }
}

const add: CommandDef = command({
  meta: {
    name: 'readers add',
    description: 'Let a login role read a project, through the views of nunchi_data',
  },
  args: roleArgs,
  run: ({ args: { role, project, data } }) =>
    withDatabase({ data }, async (database) => {
      const { name, login } = await setReader(database.owner, role, project, true)
      print(`${role} may read ${name}.`)
      await admit(database, role, login)
    }),
})

const remove: CommandDef = command({
  meta: { name: 'readers remove', description: 'Stop a login role from reading a project, at once' },
  args: roleArgs,
  run: ({ args: { role, project, data } }) =>
    withDatabase({ data }, async ({ owner }) => {
      const { name, login } = await setReader(owner, role, project, false)
      if (!login.changed)
        throw new CliError(
          'reader_not_found',
          `"${role}" could not read ${name}; nunchi readers list shows who can.`,
        )
      print(
        `${role} may not read ${name} any more. Its login stays; drop role ${quoted(role)} takes it away.`,
      )
    }),
})

const listArgs = { json: { type: 'boolean', description: 'Prints JSON' }, ...databaseArgs } as const

function state({ exists, member, superuser, bypassRls }: Login): string {
  if (!exists) return 'no such login'
  if (superuser || bypassRls) return 'sees everything'
  return member ? 'ready' : 'not a member of nunchi_reader'
}

const list: CommandDef = command({
  meta: { name: 'readers list', description: 'List who may read what in SQL' },
  args: listArgs,
  run: ({ args: { json, data } }) =>
    withDatabase({ data }, async ({ owner }) => {
      const readers = await owner.call<Reader[]>('list_readers', {})
      if (json) return print(JSON.stringify(readers, null, 2))
      if (readers.length === 0)
        return print(dim('Nobody yet; let somebody with: nunchi readers add ROLE --project NAME'))
      const rows = readers.map((reader) => [
        reader.role,
        reader.projectName,
        state(reader),
        new Date(reader.grantedAt).toISOString().slice(0, 10),
      ])
      print(table(['role', 'project', 'login', 'granted'], rows))
    }),
})

/** Says who may ask in SQL. */
export const readers: CommandDef = {
  meta: { name: 'readers', description: 'Say which logins may ask your data in SQL' },
  subCommands: { add, list, remove },
}
