/** Which database the environment names, and that no password is shown. */
import { describe, expect, it } from 'vitest'
import { scramVerifier } from './scram.ts'
import { appPassword, givenUrls, shownUrl } from './urls.ts'

describe('givenUrls', () => {
  const serve = 'postgres://nunchi_app:a@h/d'
  const admin = 'postgresql://boss:b@h/d'

  it('serves with one and administers with the other', () => {
    expect(givenUrls({ DATABASE_URL: serve, NUNCHI_MIGRATE_URL: admin })).toEqual({
      serve,
      admin,
      one: false,
    })
  })

  it('takes one for both, whichever it is', () => {
    expect(givenUrls({ DATABASE_URL: serve })).toEqual({ serve, admin: serve, one: true })
    expect(givenUrls({ NUNCHI_MIGRATE_URL: admin })).toEqual({ serve: admin, admin, one: true })
  })

  it('finds none where both are missing or empty', () => {
    expect(givenUrls({})).toBeUndefined()
    expect(givenUrls({ DATABASE_URL: '', NUNCHI_MIGRATE_URL: '' })).toBeUndefined()
  })

  it('names the variable that is no address, and keeps its text to itself', () => {
    for (const text of ['secret', 'mysql://a:secret@h/d', 'postgres://a:se cret@h:port/d'])
      expect(() => givenUrls({ DATABASE_URL: serve, NUNCHI_MIGRATE_URL: text })).toThrow(
        /^NUNCHI_MIGRATE_URL is not a Postgres address; write it like postgres:(?!.*se ?cret)/,
      )
    expect(() => givenUrls({ DATABASE_URL: 'x' })).toThrow(/^DATABASE_URL is not/)
  })
})

describe('an address', () => {
  it('is shown without its password', () => {
    expect(shownUrl('postgres://a:secret@h:5433/d?sslmode=require')).toBe('postgres://a@h:5433/d')
    expect(shownUrl('postgres://h/d')).toBe('postgres://h/d')
  })

  it("has nunchi_app's password only where nunchi_app logs in", () => {
    expect(appPassword('postgres://nunchi_app:p%40ss@h/d')).toBe('p@ss')
    expect(appPassword('postgres://nunchi_app.project:x@pooler/d')).toBe('x')
    expect(appPassword('postgres://nunchi_app@h/d')).toBeUndefined()
    expect(appPassword('postgres://postgres:x@h/d')).toBeUndefined()
    expect(appPassword('postgres://nunchi_apple:x@h/d')).toBeUndefined()
  })
})

describe('scramVerifier', () => {
  it('agrees with RFC 7677: user "user", password "pencil", its salt and 4096 rounds', () => {
    // The exchange of section 3 proves the stored key, and its server signature the server key.
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    )
  })

  it('has a new salt each time, and no letter that SQL text would have to quote', () => {
    const [one, two] = [scramVerifier("it's"), scramVerifier("it's")]
    expect(one).not.toBe(two)
    expect(one).toMatch(/^[\w$:+/=-]+$/)
  })
})
