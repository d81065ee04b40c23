import { afterAll, beforeAll } from 'vitest'
import { createDatabase, describePostgres, type TestDatabase } from '../postgres.ts'
import { askPostgres } from './ask.ts'
import { testParity } from './parity.ts'
import { testVectors } from './vectors.ts'

describePostgres('the SQL evaluator on Postgres', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase(server)
  })
  afterAll(() => database.drop())

  testVectors(() => askPostgres(database.sql))
  testParity(() => askPostgres(database.sql))
})
