/** Every failure of a database gets a sentence that says what to do, and keeps the driver's own words. */
import { describe, expect, it } from 'vitest'
import { CliError } from '../cli-error.ts'
import { explainDatabaseError } from './explain.ts'

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })

describe('explainDatabaseError', () => {
  it.each([
    [
      'ECONNREFUSED',
      'database_unreachable',
      /^Nothing answers at the address of DATABASE_URL; start Postgres/,
    ],
    ['28P01', 'database_refused', /correct it in the URL/],
    ['3D000', 'database_refused', /create it \(createdb NAME\)/],
    ['42883', 'database_not_migrated', /run: nunchi migrate up/],
    ['42501', 'database_not_allowed', /NUNCHI_MIGRATE_URL/],
    ['XX000', 'unexpected', /no advice for; NUNCHI_DEBUG=1/],
  ])('%s is %s', (code, kind, sentence) => {
    const explained = explainDatabaseError(failure(code, 'words\nof the driver.'))
    expect(explained).toMatchObject({ code: kind, exitCode: 1, message: expect.stringMatching(sentence) })
    expect(explained.message).toMatch(/ \(words\)$/)
  })

  it('names the variable that holds the address', () => {
    expect(explainDatabaseError(failure('ENOTFOUND', 'x'), 'NUNCHI_MIGRATE_URL').message).toMatch(
      /^The host of NUNCHI_MIGRATE_URL has no address/,
    )
  })

  it('reads the refusals of all addresses that a host has', () => {
    const both = new AggregateError([failure('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432')])
    expect(explainDatabaseError(both)).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('(connect ECONNREFUSED ::1:5432)'),
    })
  })

  it('tells a role that is missing from an argument that is wrong', () => {
    expect(explainDatabaseError(failure('22023', 'role "nunchi_owner" does not exist'))).toMatchObject({
      code: 'database_not_migrated',
    })
    expect(explainDatabaseError(failure('22023', "The hint 'ab' fits 2 keys; name one."))).toMatchObject({
      code: 'usage',
      message: "The hint 'ab' fits 2 keys; name one.",
    })
  })

  it('leaves a sentence that is one already', () => {
    const error = new CliError('usage', 'Say it.')
    expect(explainDatabaseError(error)).toBe(error)
    const migration = Object.assign(new Error('It failed. Mend it.'), { name: 'MigrationError' })
    expect(explainDatabaseError(migration).message).toBe('It failed. Mend it.')
  })

  it('says something of whatever else is thrown', () => {
    for (const odd of [undefined, null, 'text', {}, { message: '' }])
      expect(explainDatabaseError(odd)).toMatchObject({ code: 'unexpected' })
  })
})
