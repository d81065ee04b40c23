import { createKey } from '@nunchi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLog, describeError } from './log.ts'

function lines(write: (log: ReturnType<typeof createLog>) => void, level: 'debug' | 'warn' = 'debug') {
  const out: string[] = []
  write(createLog((line) => out.push(line), level))
  return out
}

describe('a line', () => {
  it('security 26: stays one line of JSON, whatever is logged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, value) => {
        const [line = '', ...more] = lines((log) => log.info(message, { userAgent: value }))
        expect(more).toEqual([])
        expect(line).not.toMatch(/[\r\n\0]/)
        expect(JSON.parse(line)).toMatchObject({ level: 'info' })
      }),
    )
    const forged = 'x\r\n{"level":"error"}'
    const [line = ''] = lines((log) => log.info('request', { path: forged }))
    expect(JSON.parse(line)).toMatchObject({ level: 'info', path: forged })
  })

  const key = createKey('srv')
  const pub = createKey('pub')
  it.each<[string, string]>([
    [`key ${key} was used`, key.slice(8)],
    [`GET /v1/events?key=${pub}`, pub.slice(8)],
    [`Authorization: Bearer ${key}`, key],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-sig_sig', 'eyJ'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'eyJzdWIi'],
    ['connect postgres://nunchi:hunter2@db/nunchi failed', 'hunter2'],
    ['duplicate key (email)=(kim.minji+shop@example.co.kr)', 'kim.minji'],
    ['Basic aHVudGVyOjI=', 'aHVudGVy'],
  ])('security 26: does not hold the secret of: %s', (text, secret) => {
    const all = lines((log) => log.error(text, { detail: text, error: describeError(new Error(text)) }))
    expect(all.join()).not.toContain(secret)
  })

  it('hides fields whose name says that they are secret', () => {
    const [line] = lines((log) => log.info('x', { authorization: 'abc', Cookie: 'def', keyId: 'k1' }))
    expect(JSON.parse(line ?? '')).toMatchObject({
      authorization: '[redacted]',
      Cookie: '[redacted]',
      keyId: 'k1',
    })
  })

  it('is bounded', () => {
    const [line = ''] = lines((log) => log.info('x'.repeat(100_000), { a: 'y'.repeat(100_000) }))
    expect(line.length).toBeLessThan(3_000)
  })
})

describe('a log', () => {
  it('leaves out what is below its level', () => {
    const out = lines((log) => {
      log.debug('a')
      log.info('b')
      log.warn('c')
      log.error('d')
    }, 'warn')
    expect(out.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['c', 'd'])
  })

  it('never throws: a full disk must not stop the events', () => {
    const log = createLog(() => {
      throw new Error('ENOSPC')
    }, 'info')
    expect(() => log.error('x')).not.toThrow()
  })

  it('tells an error with its code and its causes', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    expect(describeError(new TypeError('no', { cause }))).toBe(
      'TypeError: no ← Error: refused (ECONNREFUSED)',
    )
    expect(describeError('text')).toBe('text')
    expect(describeError(undefined)).toBe('')
  })
})
