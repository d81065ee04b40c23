import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactText } from './redact-text.ts'

describe('a text that is redacted', () => {
  it.each([
    ['No user jane.doe+x@mail.example.com found', 'No user [email] found'],
    ['<김눈치@회사.example>', '<[email]>'],
    ['GET /reset?token=abc&user=jane failed', 'GET /reset?token=…&user=… failed'],
    ['https://shop.example/#access_token=s3cret', 'https://shop.example/#access_token=…'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer …'],
    ['{"password": "hunter2", "a": 1}', '{"password": "…", "a": 1}'],
    ['api_key=12345', 'api_key=…'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln expired', 'jwt [token] expired'],
    ['no 550e8400-e29b-41d4-a716-446655440000', 'no [token]'],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc is bad', '[token] is bad'],
    ['card 4242 4242 4242 4242', 'card [number]'],
    ['call +82 10-1234-5678', 'call +[number]'],
  ])('%j becomes %j', (text, redacted) => {
    expect(redactText(text)).toBe(redacted)
  })

  it.each([
    "Cannot read properties of undefined (reading 'price')",
    'Unexpected token < in JSON at position 0',
    'at pay (https://shop.example/assets/main.0123456789abcdef0123.js:10:52341)',
    'item 12345678 is gone',
    '',
  ])('%j stays as it is', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('is cut, so that no text takes long', () => {
    expect(redactText('a'.repeat(100_000)).length).toBe(4000)
    expect(redactText(`${'a-'.repeat(50_000)}@`).length).toBeLessThanOrEqual(4000)
  })

  it('holds no address, wherever it stood', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9._+]{0,20}$/)
    fc.assert(
      fc.property(fc.string(), name, fc.string(), (before, who, after) => {
        expect(redactText(`${before} ${who}@mail.example ${after}`)).not.toContain(`${who}@mail.example`)
      }),
    )
  })

  it('changes no more when it is redacted again', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const once = redactText(text)
        expect(redactText(once)).toBe(once)
      }),
    )
  })
})
