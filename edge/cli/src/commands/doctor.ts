/** `nunchi doctor`: looks over the database, one line a check, each with its remedy. */
import type { CommandDef } from 'citty'
import { concludeChecks, printCheck } from '../check.ts'
import { command } from '../command.ts'
import { databaseArgs, withDatabase } from '../database/open.ts'
import { collectFacts } from '../doctor/facts.ts'
import { judge } from '../doctor/judge.ts'
import { dim, print } from '../print.ts'

const args = {
  production: {
    type: 'boolean',
    description:
      'Refuses what is merely unwise elsewhere; by itself where NODE_ENV says so or a production key is in force',
  },
  json: { type: 'boolean', description: 'Prints the checks as JSON' },
  ...databaseArgs,
} as const

/** Looks over the database. */
export const doctor: CommandDef = command({
  meta: { name: 'doctor', description: 'Look over the database: one line a check, with what to do' },
  args,
  run: ({ args: { production, json, data } }) =>
    withDatabase({ data }, async (database) => {
      const facts = await collectFacts(database, production)
      const checks = judge(facts)
      if (json)
        print(JSON.stringify({ database: database.label, production: facts.production, checks }, null, 2))
      else {
        print(dim(`${database.label}${facts.production ? ', judged as production' : ''}`))
        checks.forEach(printCheck)
      }
      concludeChecks(checks)
    }),
})
