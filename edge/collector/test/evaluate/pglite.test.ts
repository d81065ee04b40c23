import { afterAll, beforeAll, describe } from 'vitest'
import { type Ask, askPglite } from './ask.ts'
import { testParity } from './parity.ts'
import { testVectors } from './vectors.ts'

describe('the SQL evaluator on PGlite', () => {
  let db: { ask: Ask; close(): Promise<void> }
  beforeAll(async () => {
    db = await askPglite()
  })
  afterAll(() => db.close())

  testVectors(() => db.ask)
  testParity(() => db.ask, 2000)
})
