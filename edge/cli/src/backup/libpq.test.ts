import { expect, it } from 'vitest'
import { libpq } from './libpq.ts'

it('keeps the password out of the arguments, and out of the environment where there is none', () => {
  expect(libpq('postgres://anna:p%40ss%20word@db.example:6543/shop')).toEqual({
    args: ['--dbname=postgres://anna@db.example:6543/shop'],
    env: { PGPASSWORD: 'p@ss word' },
  })
  expect(libpq('postgres://anna@db.example/shop').env).toEqual({})
})

it('leaves away what only the JavaScript client knows, and says its ssl in libpq’s word', () => {
  const of = (query: string) => libpq(`postgres://h/d?${query}`).args[0]
  expect(of('sslmode=verify-full&prepare=false&max=3')).toBe('--dbname=postgres://h/d?sslmode=verify-full')
  expect(of('ssl=true')).toBe('--dbname=postgres://h/d?sslmode=require')
  expect(of('ssl=prefer')).toBe('--dbname=postgres://h/d?sslmode=prefer')
  expect(of('ssl=false')).toBe('--dbname=postgres://h/d')
  expect(of('options=-c%20search_path%3Dx')).toBe('--dbname=postgres://h/d?options=-c%20search_path%3Dx')
})
