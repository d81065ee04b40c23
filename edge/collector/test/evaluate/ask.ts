/** Asks the SQL evaluator many questions in one call, on PGlite or on Postgres. */

import type { Sql } from 'postgres'
import { migratedPglite } from '../migrated-pglite.ts'

/** Evaluates an expression over `one`, each of the questions, in order. */
export type Ask = <Answer>(expression: string, questions: unknown[]) => Promise<Answer[]>

const statement = (expression: string): string =>
  `select coalesce(jsonb_agg(to_jsonb(${expression}) order by place), '[]')::text as answers
   from jsonb_array_elements($1::text::jsonb) with ordinality as questions(one, place)`

/** The text as SQL receives it: well-formed, everywhere. */
export const sqlText = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'string') return item.toWellFormed()
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).map(([key, member]) => [key.toWellFormed(), member]))
  })

/** Over a Postgres. */
export function askPostgres(sql: Sql): Ask {
  return async (expression, questions) => {
    const [row] = await sql.unsafe(statement(expression), [sqlText(questions)])
    return JSON.parse(String(row!['answers']))
  }
}

/** Over a PGlite of its own, and how to close it. */
export async function askPglite(): Promise<{ ask: Ask; close(): Promise<void> }> {
  const db = await migratedPglite()
  return {
    async ask(expression, questions) {
      const { rows } = await db.query<{ answers: string }>(statement(expression), [sqlText(questions)])
      return JSON.parse(rows[0]!.answers)
    },
    close: () => db.close(),
  }
}
